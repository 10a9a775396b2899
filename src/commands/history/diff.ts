import * as Args from '@oclif/core/args';

import { withHistory } from '../../bundle/run/open-bundle.js';
import { historyArg } from '../../history/flags/history-flags.js';
import { historyDiff } from '../../history/run/history-diff.js';
import { diffJson, diffText } from '../../history/view/diff-text.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class HistoryDiffCommand extends BaseCommand {
  static override summary = 'show what changed between two times of a history';
  static override description =
    'Lists what changed between the two readings: configurations, leaders, server versions and clients, streams and consumers that were created or are gone, positions that went back, and the counts at both times. A time is 03:10 (today), RFC 3339, or how long ago.';
  static override examples = [
    {
      description: 'What happened between three and four?',
      command: '<%= config.bin %> history diff ./history 03:00 04:00',
    },
    {
      description: 'Settings that were changed in the last day',
      command:
        '<%= config.bin %> history diff ./history 24h 0s --json | jq -c \'.changes[] | select(.kind == "config")\'',
    },
  ];
  static override args = {
    ...historyArg,
    from: Args.string({ description: 'the first time', required: true, ignoreStdin: true }),
    to: Args.string({ description: 'the second time', required: true, ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(HistoryDiffCommand);
    const diff = await withHistory(args.dir, (dir) => historyDiff(dir, args.from, args.to));
    if (this.common.json) this.out.json(diffJson(diff));
    else this.out.text(diffText(diff, this.style));
  }
}
