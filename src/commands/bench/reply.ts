import { BenchCommand } from '../../bench/console/command.js';
import {
  answeringFlags,
  benchSubjectArg,
  answerDelayFlag,
  groupFlag,
  resultFlags,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchReply extends BenchCommand {
  static override summary = SCENARIOS.reply.summary;
  static override description =
    'Answers each request with the body of that request, until --msgs, --duration or Ctrl-C ends the run.';
  static override examples = [
    {
      description: 'Answer with two connections',
      command: '<%= config.bin %> bench reply load.test --clients 2',
    },
    {
      description: 'The result as JSON',
      command: '<%= config.bin %> bench reply load.test --json',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...answeringFlags,
    responders: groupFlag(),
    ...answerDelayFlag('time to wait before each answer'),
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchReply);
    await this.measureScenario('reply', args.subject, flags);
  }
}
