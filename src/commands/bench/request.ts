import { BenchCommand } from '../../bench/console/command.js';
import {
  benchSubjectArg,
  answerDelayFlag,
  groupFlag,
  resultFlags,
  sendingFlags,
  windowFlag,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchRequest extends BenchCommand {
  static override summary = SCENARIOS.request.summary;
  static override description =
    'natsx answers the requests itself unless --responders is 0; then the service under test must listen on the subject. With --rate, requests are sent when they are due, whether or not earlier ones have been answered.';
  static override examples = [
    {
      description: 'One request at a time',
      command: '<%= config.bin %> bench request',
    },
    {
      description: 'An existing service, 500 requests per second',
      command: '<%= config.bin %> bench request orders.price --responders 0 --rate 500',
    },
    {
      description: '64 requests in flight',
      command: '<%= config.bin %> bench request --window 64',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...sendingFlags,
    ...windowFlag,
    responders: groupFlag('connections that answer; 0 for an external service [default: 1]'),
    ...answerDelayFlag('time that the responder of this run waits before it answers'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchRequest);
    await this.measureScenario('request', args.subject, flags);
  }
}
