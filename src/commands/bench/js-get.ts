import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  groupFlag,
  resultFlags,
  sendingFlags,
  streamLoadFlags,
  windowFlag,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchJsGet extends BenchCommand {
  static override summary = SCENARIOS['js-get'].summary;
  static override description =
    'Direct gets, in the order of the stream and from the start again at its end, with up to --window in flight. A temporary stream is filled first.';
  static override examples = [
    {
      description: 'One read at a time',
      command: '<%= config.bin %> bench js-get',
    },
    {
      description: '100 reads in flight',
      command: '<%= config.bin %> bench js-get --window 100',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    ...streamLoadFlags,
    subs: groupFlag(),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsGet);
    await this.measureScenario('js-get', args.subject, flags);
  }
}
