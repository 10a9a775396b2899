import { listing } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { patternFlag } from '../../terminal/flag-types.js';
import { missingJson, streamJson, streamListText } from '../../streams/view/listing-text.js';

export default class StreamLs extends BaseCommand {
  static override summary = 'list the streams';
  static override description =
    'One line per stream; with --json, one object per line. natsx stream info shows one stream in full.';
  static override examples = [
    { description: 'All streams', command: '<%= config.bin %> stream ls' },
    {
      description: 'Only the names of the streams that store a subject',
      command: "<%= config.bin %> stream ls --subject 'orders.>' --json | jq -r .name",
    },
  ];
  static override flags = {
    subject: patternFlag({ summary: 'only streams with a matching subject' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(StreamLs);
    const { subject } = flags;
    const request = { subject, scope: this.jetStream };
    const found = await this.withClient('goal', ({ connection }) => listing(connection, request));
    const objects = [...found.streams.map(streamJson), ...found.missing.map(missingJson)];
    if (this.common.json) for (const object of objects) this.out.json(object);
    else
      this.out.text(streamListText(found, { style: this.style, width: this.out.width, subject }));
  }
}
