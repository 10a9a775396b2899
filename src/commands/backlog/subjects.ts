import * as Args from '@oclif/core/args';

import { backlogSubjects } from '../../backlog/run/peek.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag } from '../../terminal/flag-types.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { subjectsJson, subjectsText } from '../../backlog/view/peek-text.js';

export default class BacklogSubjects extends BaseCommand {
  static override summary = 'what a backlog consists of, by subject';
  static override description =
    'Counts what waits for a consumer, or lies in a stream, by subject, the biggest first.';
  static override examples = [
    {
      description: 'What waits for this consumer?',
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
      description: 'consumer; the whole stream without',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    top: countFlag({ char: 'n', default: 20, summary: 'how many subjects, the biggest' }),
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
