import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, resultFlags, sendingFlags } from '../../bench/flags/flags.js';

export default class BenchPubsub extends BenchCommand {
  static override summary = 'publish and receive in one run: rate, one-way latency, loss';
  static override description =
    'Every subscriber gets every message. Messages carry a sequence number and their send time, so that loss, duplicates, order and the latency of each are known; with --rate the latency counts from the time at which a message should have been sent.';
  static override examples = [
    {
      description: 'Latency at 20,000 messages a second',
      command: `<%= config.bin %> bench pubsub --rate 20k`,
    },
    {
      description: 'Fan-out to eight subscribers',
      command: `<%= config.bin %> bench pubsub --subs 8`,
    },
    {
      description: 'Fail in CI when the tail grows',
      command: `<%= config.bin %> bench pubsub --rate 10k --fail-if 'p99>5ms'`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: Flags.integer({ summary: 'publishers [default: 1]', helpGroup: 'LOAD' }),
    subs: Flags.integer({ summary: 'subscribers [default: 1]', helpGroup: 'LOAD' }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchPubsub);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('pubsub', { subject: args.subject, flags }, runBench);
  }
}
