import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  consumingFlags,
  bodyLoadFlags,
  streamLoadFlags,
  resultFlags,
} from '../../bench/flags/flags.js';

export default class BenchJsConsume extends BenchCommand {
  static override summary = 'consume a stream with a pull consumer';
  static override description =
    'Fills an own stream first, unless --stream names one; then each pass reads it with a consumer of its own. Several clients share the consumer.';
  static override examples = [
    {
      description: '200,000 messages without acknowledgements',
      command: `<%= config.bin %> bench js-consume --msgs 200k --ack none`,
    },
    {
      description: 'Every message acknowledged, stream in memory',
      command: '<%= config.bin %> bench js-consume --msgs 200k --ack explicit --storage memory',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...consumingFlags,
    ...bodyLoadFlags,
    ...streamLoadFlags,
    subs: Flags.integer({ hidden: true }),
    ack: Flags.option({
      options: ['none', 'explicit', 'all'] as const,
      summary: 'how messages are acknowledged [default: explicit]',
      helpGroup: 'LOAD',
    })(),
    'use-existing': Flags.boolean({
      summary: 'read --stream even if that removes its messages',
      helpGroup: 'LOAD',
    }),
    batch: Flags.integer({ summary: 'messages for each pull [default: 500]', helpGroup: 'LOAD' }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsConsume);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('js-consume', { subject: args.subject, flags }, runBench);
  }
}
