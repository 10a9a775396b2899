import { Cleaning } from './cleaning.js';
import type { Disguise } from './disguise.js';
import { AUDIT_BESIDE, SCAN_WINDOW } from './field-kinds.js';
import type { Look } from './look.js';
import type { Redaction } from './redaction.js';

/** The look without secrets, and with other names if there is a disguise. */
export function cleanLook(look: Look, redaction: Redaction, disguise?: Disguise): Look {
  const cleaning = new Cleaning(redaction, disguise);
  const clean = (): Look => ({
    window: cleaning.clean(look.window, SCAN_WINDOW),
    audit: cleaning.clean(look.audit, AUDIT_BESIDE),
  });
  if (disguise === undefined) return clean();
  // All names are gathered first, so that the new ones are in the same order.
  clean();
  disguise.begin();
  return clean();
}
