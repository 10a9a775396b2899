import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import { answeringFlags, benchSubjectArg, resultFlags } from '../../bench/flags/flags.js';
import { durationFlag } from '../../terminal/flag-types.js';

export default class BenchReply extends BenchCommand {
  static override summary = 'answer requests of others, for a bench request elsewhere';
  static override description =
    'Runs until Ctrl-C unless --msgs or --duration ends it, and answers each request with its own body.';
  static override examples = [
    {
      description: 'Answer with two connections',
      command: `<%= config.bin %> bench reply load.test --clients 2`,
    },
    {
      description: 'The result as JSON',
      command: '<%= config.bin %> bench reply load.test --json',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...answeringFlags,
    responders: Flags.integer({ hidden: true }),
    delay: durationFlag({ summary: 'time to wait before each answer', helpGroup: 'LOAD' }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchReply);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('reply', { subject: args.subject, flags }, runBench);
  }
}
