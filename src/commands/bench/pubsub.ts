import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, groupFlag, resultFlags, sendingFlags } from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchPubsub extends BenchCommand {
  static override summary = SCENARIOS.pubsub.summary;
  static override description =
    'Every subscriber receives every message. Messages carry a sequence number and their send time, so that loss, duplicates, order and the latency of each are known. With --rate, latency counts from the time at which a message should have been sent.';
  static override examples = [
    {
      description: 'Latency at 20,000 messages per second',
      command: '<%= config.bin %> bench pubsub --rate 20k',
    },
    {
      description: 'Fan-out to eight subscribers',
      command: '<%= config.bin %> bench pubsub --subs 8',
    },
    {
      description: 'Watch rate and latency in a browser while it runs',
      command: '<%= config.bin %> bench pubsub --rate 20k --duration 1m --serve',
    },
    {
      description: 'Clients on all machines that run natsx bench agent',
      command: '<%= config.bin %> bench pubsub --agents all',
    },
    {
      description: 'Fail in CI when the tail latency grows',
      command: `<%= config.bin %> bench pubsub --rate 10k --fail-if 'p99>5ms'`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    pubs: groupFlag('publishers [default: 1]'),
    subs: groupFlag('subscribers [default: 1]'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchPubsub);
    await this.measureScenario('pubsub', args.subject, flags);
  }
}
