import * as Args from '@oclif/core/args';

import { withHistory } from '../../bundle/run/open-bundle.js';
import { historyArg, stretchFlags, stretchOf } from '../../history/flags/history-flags.js';
import { historyWhy } from '../../history/run/history-why.js';
import { whyJson, whyText } from '../../history/view/why-text.js';
import { ReadingTrack } from '../../history/model/reading-track.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import { checkPageFile, htmlFlag, writePage } from '../../terminal/page-file.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';

export default class HistoryWhy extends BaseCommand {
  static override summary = 'show when a stream or consumer was in trouble, and what led to it';
  static override description =
    'An episode is a time with a warning or critical finding. For each one the report shows when it began and ended, what was found, what happened in the two minutes before, and how the verdict changed.';
  static override examples = [
    {
      description: 'Why was this consumer behind?',
      command: '<%= config.bin %> history why ./history ORDERS billing',
    },
    {
      description: 'A whole stream, since yesterday',
      command: '<%= config.bin %> history why ./history ORDERS --since 24h --json',
    },
  ];
  static override args = {
    ...historyArg,
    ...streamArg,
    consumer: Args.string({
      description: 'consumer [default: the stream and all its consumers]',
      ignoreStdin: true,
    }),
  };
  static override flags = { ...stretchFlags, ...htmlFlag() };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HistoryWhy);
    checkPageFile(flags.html);
    const track = new ReadingTrack();
    const add = (report: BacklogReport): void => track.add(report);
    const stretch = stretchOf(flags, Date.now());
    const episodes = await withHistory(args.dir, (dir) => historyWhy(dir, args, stretch, add));
    const { readings } = track;
    if (this.common.json) this.out.json(whyJson(episodes, readings));
    else this.out.text(whyText(episodes, { style: this.style, width: this.out.width }));
    if (flags.html === undefined) return;
    const { whyPage } = await import('../../history/view/why-page.js');
    await writePage(flags.html, whyPage({ ...args, episodes, readings }, this.origin));
  }
}
