import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  resultFlags,
  sendingFlags,
  streamLoadFlags,
  windowFlag,
} from '../../bench/flags/flags.js';

export default class BenchJsGet extends BenchCommand {
  static override summary = 'read single messages of a stream by their sequence';
  static override description =
    'Direct gets, one after the other through the stream, --window of them at a time. The own stream is filled first.';
  static override examples = [
    { description: 'One read at a time', command: `<%= config.bin %> bench js-get` },
    {
      description: '100 reads on the way at once',
      command: `<%= config.bin %> bench js-get --window 100`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    ...streamLoadFlags,
    subs: Flags.integer({ hidden: true }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsGet);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('js-get', { subject: args.subject, flags }, runBench);
  }
}
