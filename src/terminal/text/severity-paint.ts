import type { Severity } from '../../core/findings/severity.js';
import type { Paint, Style } from './style.js';

/** The colour of a finding. */
export function paintFor(severity: Severity, style: Style): Paint {
  switch (severity) {
    case 'critical':
      return style.bad;
    case 'warning':
    case 'unknown':
      return style.warn;
    case 'ok':
      return style.good;
    case 'info':
      return style.dim;
  }
}
