import type {
  Setting,
  SettingName,
  SettingsView,
} from '../../connection/model/connection-settings.js';
import { DEFAULT_SERVER, SETTING_WORDS } from '../../connection/model/connection-settings.js';
import type { ContextCheck, ContextEntry } from '../../connection/model/context.js';
import { printableText } from '../../core/printable.js';
import { redact } from '../../core/redact.js';
import type { Style } from './style.js';
import { textTable } from './table.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** The contexts as a table; the selected one has a star. */
export function contextListText(contexts: readonly ContextEntry[], options: ViewOptions): string {
  if (contexts.length === 0)
    return 'no contexts yet; create one: natsx context save NAME --server URL\n';
  const rows = contexts.map((context) => [
    printableText(context.selected ? `${context.name}*` : context.name),
    serverText(context, options.style),
    printableText(context.description),
  ]);
  return textTable({ columns: ['context', 'server', 'description'], rows, ...options });
}

/** An unusable context has no server, not even the default one. */
function serverText({ url, fault }: ContextEntry, style: Style): string {
  if (fault !== undefined) return style.bad('cannot be used: see natsx context validate');
  return printableText(redact(url === '' ? DEFAULT_SERVER : url));
}

/** One object per context. */
export function contextListJson(contexts: readonly ContextEntry[]): unknown {
  return contexts.map(({ fault, url, ...context }) => ({
    ...context,
    url: redact(url),
    ...(fault !== undefined && { error: { kind: fault.kind, message: redact(fault.message) } }),
  }));
}

const SECRETS: ReadonlySet<SettingName> = new Set(['password', 'token', 'seed', 'jwt']);
const HIDDEN = '********';

const DEFAULTS: readonly (readonly [SettingName, string])[] = [
  ['servers', DEFAULT_SERVER],
  ['inboxPrefix', '_INBOX'],
  ['timeout', '5s'],
];

/** The effective settings as a table of values and origins. */
export function settingsText(
  view: SettingsView,
  options: ViewOptions & { reveal: boolean },
): string {
  const isOverridden = view.overridden.size > 0;
  const rows = entries(view, options.reveal).map(([name, setting]) => [
    SETTING_WORDS[name],
    printableText(setting.value),
    printableText(setting.source),
    ...(isOverridden ? [options.style.warn(overrideText(view, name, options.reveal))] : []),
  ]);
  const heading =
    view.context === undefined ? 'no context' : `context ${printableText(view.context)}`;
  const about = view.description === '' ? '' : `: ${printableText(view.description)}`;
  const columns = ['setting', 'value', 'from', ...(isOverridden ? ['overridden by'] : [])];
  const table = textTable({ columns, rows, ...options });
  return `${options.style.heading(heading)}${about}\n${table}`;
}

function overrideText(view: SettingsView, name: SettingName, reveal: boolean): string {
  const used = view.overridden.get(name);
  if (used === undefined) return '';
  const value = used.value === undefined ? '' : ` (${shown(name, used.value, reveal)})`;
  return printableText(`${used.source}${value}`);
}

function shown(name: SettingName, value: string, reveal: boolean): string {
  return reveal ? value : hide(name, value);
}

/** The same as one object, by setting. */
export function settingsJson(view: SettingsView, reveal: boolean): unknown {
  return {
    context: view.context ?? null,
    description: view.description,
    settings: Object.fromEntries(
      entries(view, reveal).map(([name, setting]) => [
        SETTING_WORDS[name].replaceAll('-', '_'),
        { ...setting, ...overrideJson(view, name, reveal) },
      ]),
    ),
  };
}

function overrideJson(view: SettingsView, name: SettingName, reveal: boolean): object {
  const used = view.overridden.get(name);
  if (used === undefined) return {};
  const value = used.value === undefined ? null : shown(name, used.value, reveal);
  return { overridden_by: { value, source: used.source } };
}

function entries(view: SettingsView, reveal: boolean): [SettingName, Setting][] {
  const all = new Map(view.settings);
  const profile = all.get('nsc');
  if (profile !== undefined && !all.has('servers')) {
    all.set('servers', { ...profile, value: `nsc://${profile.value}` });
  }
  for (const [name, value] of DEFAULTS) {
    if (!all.has(name)) all.set(name, { value, origin: 'default', source: 'default' });
  }
  const order = Object.keys(SETTING_WORDS) as SettingName[];
  return order.flatMap((name): [SettingName, Setting][] => {
    const setting = all.get(name);
    if (setting === undefined) return [];
    const { origin, source } = setting;
    const value = shown(name, valueOf(setting), reveal);
    return [[name, { value, origin, source }]];
  });
}

/** The value of a setting; of servers with different logins, each with its own. */
function valueOf({ value, logins }: Setting): string {
  if (logins === undefined) return value;
  const urls = value.split(',').map((url, place) => {
    const { user, password, token } = logins[place] ?? {};
    const parts = [user ?? token, password].filter((part) => part !== undefined);
    const login = parts.map(encodeURIComponent).join(':');
    return login === '' ? url : url.replace('://', `://${login}@`);
  });
  return urls.join(',');
}

/** A reference such as `env://NAME` is not secret; the value it refers to is. */
function hide(name: SettingName, value: string): string {
  if (!SECRETS.has(name)) return value.startsWith('data:') ? HIDDEN : redact(value);
  return /^(env|op|nsc|file):\/\//.test(value) ? value : HIDDEN;
}

/** Each context and whether it can be used. */
export function validationText(checks: readonly ContextCheck[], options: ViewOptions): string {
  const rows = checks.map(({ name, error }) => [
    printableText(name),
    error === undefined ? options.style.good('ok') : options.style.bad('failed'),
    printableText(redact(error?.message ?? '')),
  ]);
  return textTable({ columns: ['context', 'check', 'why'], rows, ...options });
}

/** One object per context. */
export function validationJson(checks: readonly ContextCheck[]): unknown {
  return checks.map(({ name, error }) =>
    error === undefined
      ? { name, ok: true }
      : { name, ok: false, error: { kind: error.kind, message: redact(error.message) } },
  );
}
