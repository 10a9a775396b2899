import * as Args from '@oclif/core/args';

import { backlogSubjects } from '../../backlog/run/peek.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag } from '../../terminal/flag-types.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { subjectsJson, subjectsText } from '../../backlog/view/peek-text.js';

export default class BacklogSubjects extends BaseCommand {
  static override summary = 'count a backlog, or a stream, by subject';
  static override description =
    'Counts the messages that a consumer has yet to process, or that a stream stores, by subject, the largest count first.';
  static override examples = [
    {
      description: 'What is pending for this consumer?',
      command: '<%= config.bin %> backlog subjects ORDERS billing',
    },
    {
      description: 'What does the stream store?',
      command: '<%= config.bin %> backlog subjects ORDERS --top 5',
    },
  ];
  static override args = {
    ...streamArg,
    consumer: Args.string({
      description: 'consumer [default: the whole stream]',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    top: countFlag({
      char: 'n',
      default: 20,
      summary: 'show only the N subjects with the most messages',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BacklogSubjects);
    const request = { ...args, top: flags.top, scope: this.jetStream };
    const result = await this.withClient('goal', ({ connection }) =>
      backlogSubjects(connection, request),
    );
    if (this.common.json) this.out.json(subjectsJson(result));
    else this.out.text(subjectsText(result, { style: this.style, width: this.out.width }));
  }
}
