import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  groupFlag,
  resultFlags,
  sendingFlags,
  streamLoadFlags,
  useExistingFlag,
  windowFlag,
} from '../../bench/flags/flags.js';
import { publishModeFlags } from '../../bench/flags/publish-mode-flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchJsPub extends BenchCommand {
  static override summary = SCENARIOS['js-pub'].summary;
  static override description =
    'Writes to a temporary stream, which is removed afterwards. --window is the number of unacknowledged messages; 1 waits for each. With --mode atomic, batches of --batch messages are stored whole or not at all; with --mode fast, the stream acknowledges every --batch messages, and messages that did not reach it are counted.';
  static override examples = [
    {
      description: '500 in flight, file storage',
      command: '<%= config.bin %> bench js-pub',
    },
    {
      description: 'One at a time, in memory',
      command: '<%= config.bin %> bench js-pub --window 1 --storage memory',
    },
    {
      description: 'A fast batch, an acknowledgement for every 1,000 messages',
      command: '<%= config.bin %> bench js-pub --mode fast --batch 1000',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    ...publishModeFlags,
    ...streamLoadFlags,
    pubs: groupFlag(),
    ...useExistingFlag('write into --stream even if it exists'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsPub);
    await this.measureScenario('js-pub', args.subject, flags);
  }
}
