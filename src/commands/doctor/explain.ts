import * as Args from '@oclif/core/args';

import { BaseCommand } from '../../terminal/base-command.js';
import { auditRuleText } from '../../doctor/model/explain.js';
import { AUDIT_TEXTS } from '../../doctor/model/rule-table.js';
import { explanationList, explanationText } from '../../terminal/text/explanation-text.js';

export default class DoctorExplain extends BaseCommand {
  static override summary = 'explain what a finding means, how it is detected, and what to do';
  static override description =
    'Without an ID, all findings are listed. This command does not connect to a server.';
  static override examples = [
    {
      description: 'What does this finding mean?',
      command: '<%= config.bin %> doctor explain SYNC_INTERVAL_LAZY',
    },
    { description: 'All findings', command: '<%= config.bin %> doctor explain' },
  ];
  static override args = {
    id: Args.string({ description: 'finding [default: list all]', ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(DoctorExplain);
    const texts = args.id === undefined ? AUDIT_TEXTS : [auditRuleText(args.id)];
    if (this.common.json) {
      for (const { id, severity, area, scope, meaning, signs, advice } of texts)
        this.out.json({ id, severity, area, scope, meaning, signs, advice });
    } else if (args.id === undefined) {
      this.out.text(explanationList(texts, this.style, this.out.width));
    } else for (const text of texts) this.out.text(explanationText(text, this.style));
  }
}
