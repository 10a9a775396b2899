import * as Flags from '@oclif/core/flags';

import { BenchCommand } from '../../bench/console/command.js';
import { benchSubjectArg, resultFlags, sendingFlags, windowFlag } from '../../bench/flags/flags.js';
import { durationFlag } from '../../terminal/flag-types.js';

export default class BenchRequest extends BenchCommand {
  static override summary = 'request and reply: rate and round trip';
  static override description =
    'natsx answers itself unless --responders is 0; then the service under test must listen on the subject. With --rate, requests are sent when they are due, whether or not earlier ones were answered.';
  static override examples = [
    { description: 'One request at a time', command: `<%= config.bin %> bench request` },
    {
      description: 'An existing service, 500 requests a second',
      command: `<%= config.bin %> bench request orders.price --responders 0 --rate 500`,
    },
    {
      description: '64 requests on the way at once',
      command: `<%= config.bin %> bench request --window 64`,
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    responders: Flags.integer({
      summary: 'connections that answer; 0 leaves it to a service [default: 1]',
      helpGroup: 'LOAD',
    }),
    delay: durationFlag({
      summary: 'what the own responder waits before it answers',
      helpGroup: 'LOAD',
    }),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchRequest);
    const { runBench } = await import('../../bench/run/engine.js');
    await this.measureScenario('request', { subject: args.subject, flags }, runBench);
  }
}
