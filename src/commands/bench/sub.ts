import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  bodyLoadFlags,
  groupFlag,
  receivingFlags,
  resultFlags,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchSub extends BenchCommand {
  static override summary = SCENARIOS.sub.summary;
  static override description =
    'Waits for the first message, then measures until --msgs or --duration is reached, or until no message has arrived for --idle. Run it on one machine and bench pub with the same subject on another. With --pubs, this run also publishes, with frames that are encoded in advance. It then checks neither sequence nor time, and shows the highest rate at which one subscriber can receive messages.';
  static override examples = [
    {
      description: 'Measure what arrives on a subject',
      command: '<%= config.bin %> bench sub load.test --msgs 1M',
    },
    {
      description: 'How much can one subscriber receive?',
      command: '<%= config.bin %> bench sub --pubs 1',
    },
    {
      description: 'For ten seconds, and keep the report',
      command: '<%= config.bin %> bench sub load.test --duration 10s --save sub.json',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...receivingFlags,
    ...bodyLoadFlags,
    pubs: groupFlag('publishers of this run [default: 0, other clients publish]'),
    subs: groupFlag(),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchSub);
    await this.measureScenario('sub', args.subject, flags);
  }
}
