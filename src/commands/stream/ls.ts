import { listing } from '../../app/backlog/listing.js';
import * as Flags from '@oclif/core/flags';

import { BaseCommand } from '../../cli/base-command.js';
import { streamJson, streamListText } from '../../render/listing-text.js';

export default class StreamLs extends BaseCommand {
  static override summary = 'list the streams';
  static override description =
    'One line a stream; with --json one object a line. natsx stream info shows one of them in full.';
  static override examples = [
    { description: 'All streams', command: '<%= config.bin %> stream ls' },
    {
      description: 'Names only, of those that store a subject',
      command: "<%= config.bin %> stream ls --subject 'orders.>' --json | jq -r .name",
    },
  ];
  static override flags = {
    subject: Flags.string({
      helpValue: '<subject>',
      summary: 'only streams with a subject that matches',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(StreamLs);
    const request = { subject: flags.subject, scope: this.jetStream };
    const found = await this.withClient('goal', ({ connection }) => listing(connection, request));
    if (this.common.json) for (const stream of found.streams) this.out.json(streamJson(stream));
    else this.out.text(streamListText(found, { style: this.style, width: this.out.width }));
  }
}
