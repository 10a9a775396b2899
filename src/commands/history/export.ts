import { plural } from '../../core/wording.js';
import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import { withHistory } from '../../bundle/run/open-bundle.js';
import { exportHistory } from '../../history/console/export-history.js';
import { historyArg, stretchFlags, stretchOf } from '../../history/flags/history-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class HistoryExport extends BaseCommand {
  static override summary = 'write a history as CSV or JSON lines';
  static override description =
    'Writes a row for each stream, consumer, connection, event and gap at each reading, in chronological order. JSON lines have all values; CSV has the columns that a spreadsheet or notebook needs.';
  static override examples = [
    {
      description: 'For a notebook',
      command: '<%= config.bin %> history export ./history --csv history.csv',
    },
    {
      description: 'How a backlog grew',
      command:
        '<%= config.bin %> history export ./history --jsonl - | jq -c \'select(.consumer == "billing") | [.at, .pending]\'',
    },
  ];
  static override args = historyArg;
  static override flags = {
    csv: Flags.string({
      helpValue: '<file>',
      summary: 'write CSV to this file; - is stdout',
      exclusive: ['jsonl'],
    }),
    jsonl: Flags.string({
      helpValue: '<file>',
      summary: 'write JSON lines to this file; - is stdout',
    }),
    ...stretchFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HistoryExport);
    const file = flags.csv ?? flags.jsonl;
    if (file === undefined) {
      throw usageError('there is no file to write to', 'add --csv FILE or --jsonl FILE');
    }
    const format = flags.csv === undefined ? 'jsonl' : 'csv';
    const stretch = stretchOf(flags, Date.now());
    const rows = await withHistory(args.dir, (dir) =>
      exportHistory(this.terminal, { dir, file, format, stretch }),
    );
    this.failIfInterrupted('everything was written');
    if (file === '-') return;
    if (this.common.json) this.out.json({ file, rows });
    else this.notices.notice(`wrote ${plural(rows, 'row')} to ${file}`);
  }
}
