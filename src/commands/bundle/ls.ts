import { bundleArg } from '../../bundle/flags/bundle-flags.js';
import { listingJson } from '../../bundle/model/manifest.js';
import { listArchive } from '../../bundle/run/open-bundle.js';
import { listingText } from '../../bundle/view/listing-text.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class BundleLs extends BaseCommand {
  static override summary = 'list what is in a bundle, before you send it';
  static override description =
    'Prints each file of the archive with its size and contents, when and by which version it was made, whether names are replaced, and whether it includes a history. Also reads archives of nats audit gather. Nothing is unpacked.';
  static override examples = [
    { description: 'What is in it?', command: '<%= config.bin %> bundle ls ticket.zip' },
    {
      description: 'For a script: does it include a history?',
      command: '<%= config.bin %> bundle ls ticket.zip --json | jq .history',
    },
  ];
  static override args = bundleArg;

  async run(): Promise<void> {
    const { args } = await this.parse(BundleLs);
    const listing = await listArchive(args.file);
    if (this.common.json) this.out.json(listingJson(args.file, listing));
    else this.out.text(listingText(listing, { style: this.style, width: this.out.width }));
  }
}
