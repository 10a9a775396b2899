import * as Args from '@oclif/core/args';

import { BaseCommand } from '../../terminal/base-command.js';
import { closestNames } from '../../core/closest-names.js';
import { explain, EXPLANATIONS } from '../../backlog/model/explain.js';
import { usageError } from '../../core/errors.js';
import { explanationList, explanationText } from '../../terminal/text/explanation-text.js';

export default class BacklogExplain extends BaseCommand {
  static override summary = 'explain what a verdict means, how it is detected, and what to do';
  static override description =
    'Every verdict of natsx backlog is a named rule. Without an ID, all of them are listed. This command does not connect to a server.';
  static override examples = [
    {
      description: 'What does this verdict mean?',
      command: '<%= config.bin %> backlog explain NO_CLIENT',
    },
    { description: 'All verdicts', command: '<%= config.bin %> backlog explain' },
  ];
  static override args = {
    id: Args.string({ description: 'verdict [default: list all]', ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(BacklogExplain);
    const texts = args.id === undefined ? EXPLANATIONS : [explanationOf(args.id)];
    if (this.common.json) {
      for (const { id, severity, scope, meaning, signs, advice } of texts)
        this.out.json({ id, severity, scope, meaning, signs, advice });
    } else if (args.id === undefined) {
      this.out.text(explanationList(texts, this.style, this.out.width));
    } else for (const text of texts) this.out.text(explanationText(text, this.style));
  }
}

function explanationOf(id: string): (typeof EXPLANATIONS)[number] {
  const found = explain(id);
  if (found !== undefined) return found;
  const [near] = closestNames(
    id.toUpperCase(),
    EXPLANATIONS.map((rule) => rule.id),
  );
  throw usageError(
    `there is no verdict "${id}"`,
    near === undefined ? 'natsx backlog explain lists them' : `did you mean ${near}?`,
  );
}
