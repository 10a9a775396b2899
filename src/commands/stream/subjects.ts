import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { storedSubjects } from '../../streams/run/manage/stream-messages.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag } from '../../terminal/flag-types.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';
import { sortedSubjects } from '../../streams/model/subject-counts.js';
import { subjectCountsJson, subjectCountsText } from '../../streams/view/subject-counts-text.js';

export default class StreamSubjects extends BaseCommand {
  static override summary = 'count the messages of a stream by subject';
  static override description =
    'Lists all subjects that have messages in the stream, those with the most messages first. natsx backlog subjects STREAM CONSUMER counts only the messages that are waiting for a consumer.';
  static override examples = [
    {
      description: 'The ten subjects with the most messages',
      command: '<%= config.bin %> stream subjects ORDERS --top 10',
    },
    {
      description: 'Only some subjects, by name',
      command: "<%= config.bin %> stream subjects ORDERS 'orders.*' --sort name",
    },
  ];
  static override args = {
    ...streamArg,
    filter: Args.string({
      description: 'only matching subjects',
      ignoreStdin: true,
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      parse: async (text) => parseSubscriptionPattern(text),
    }),
  };
  static override flags = {
    sort: Flags.option({
      options: ['messages', 'name'] as const,
      default: 'messages' as const,
      summary: 'order of the subjects',
    })(),
    top: countFlag({ char: 'n', summary: 'show only the first N subjects [default: all]' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamSubjects);
    const { stream, filter } = args;
    const counts = await this.withClient('goal', (client) =>
      storedSubjects(client, this.jetStream, { stream, filter }),
    );
    const sorted = sortedSubjects(counts, flags);
    const result = { stream, filter, ...sorted };
    if (this.common.json) this.out.json(subjectCountsJson(result));
    else this.out.text(subjectCountsText(result, { style: this.style, width: this.out.width }));
  }
}
