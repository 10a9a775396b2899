import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../terminal/base-command.js';
import { readSaved } from '../../bench/console/files.js';
import { failIfSlower } from '../../bench/model/compare.js';
import { compareSaved } from '../../bench/model/compare-suites.js';
import { benchReportToJson } from '../../bench/model/report-json.js';
import { checkPageFile, htmlFlag, writePage } from '../../terminal/page-file.js';
import { comparisonText, suiteComparisonText } from '../../bench/view/compare-text.js';

const REPORT = 'report of --save or --html';

export default class BenchCompare extends BaseCommand {
  static override summary = 'compare two saved reports of one scenario, or of two suites';
  static override description =
    "Reports whether the rate and the percentiles of the second run are better, worse, or not significantly different. The test is Welch's t-test over the repeats, two-sided and corrected for the number of values, with p < 0.05 and a change of at least 1%. Repeat each run at least three times (--repeat 5). Runs under different conditions are rejected, and the differences are listed.";
  static override examples = [
    {
      description: 'Before and after',
      command: '<%= config.bin %> bench compare before.json after.json',
    },
    {
      description: 'For CI: exit with 9 if anything is slower',
      command: '<%= config.bin %> bench compare before.json after.json --fail-if-slower',
    },
  ];
  static override args = {
    old: Args.string({ required: true, description: REPORT, ignoreStdin: true }),
    new: Args.string({ required: true, description: REPORT, ignoreStdin: true }),
  };
  static override flags = {
    force: Flags.boolean({ summary: 'compare even under different conditions' }),
    'fail-if-slower': Flags.boolean({ summary: 'exit with 9 if any value is slower' }),
    ...htmlFlag(),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchCompare);
    checkPageFile(flags.html);
    const [older, newer] = [readSaved(args.old), readSaved(args.new)];
    const comparison = compareSaved(older, newer, flags.force);
    const view = { style: this.style, width: this.out.width };
    if (this.common.json) this.out.json(benchReportToJson(comparison));
    else if ('scenarios' in comparison) this.out.text(suiteComparisonText(comparison, view));
    else this.out.text(comparisonText(comparison, view));
    if (flags.html !== undefined) {
      const { comparisonPage } = await import('../../bench/view/compare-page.js');
      await writePage(flags.html, comparisonPage(comparison, { older, newer }, this.origin));
    }
    if (!flags['fail-if-slower']) return;
    failIfSlower('scenarios' in comparison ? comparison.scenarios : [comparison]);
  }
}
