import type { FieldKind } from './field-kinds.js';

/** Kinds whose texts are replaced by names of this bundle, and what these begin with. */
const PREFIXES = {
  stream: 'stream',
  consumer: 'consumer',
  client: 'client',
  server: 'server',
  cluster: 'cluster',
  account: 'account',
  domain: 'domain',
  user: 'user',
  group: 'group',
  host: 'host',
  label: 'label',
  token: 't',
} as const;
type AliasKind = keyof typeof PREFIXES;

/** A token of this length is the random part of a reply subject, which rules recognize. */
const INBOX_TOKEN = /^[0-9A-Za-z]{20,}$/;
const INBOX_LENGTH = 22;
/** Subjects that belong to NATS itself. */
const SYSTEM_SUBJECT = /^(?:_INBOX|_R_|_GR_|_SYS|\$)/;
/** Words of subjects and API prefixes of NATS, which are the same everywhere. */
const SYSTEM_WORDS = new Set(
  'API STREAM CONSUMER INFO ACK FC EVENT ADVISORY METRIC MSG NEXT GET DIRECT CREATE DURABLE DELETE LIST NAMES PURGE UPDATE RESTORE SNAPSHOT TEMPLATE PEER LEADER CREATED DELETED UPDATED ACTION LEADER_ELECTED QUORUM_LOST MAX_DELIVERIES MSG_NAKED MSG_TERMINATED PAUSE UNPIN RESET META ACCOUNT SERVER REQ PING CONNZ STATZ SUBSZ VARZ JSZ HEALTHZ LEAFZ ACCOUNTZ USER CLAIMS CONNECT DISCONNECT AUTH ERR SRV STATS SCHEMA'.split(
    ' ',
  ),
);
/** Names that the servers give, which rules recognize. */
const OWN_NAMES: Partial<Record<AliasKind, RegExp>> = {
  stream: /^(?:KV_|OBJ_|MQTT_|\$MQTT_)/,
  consumer: /^JS_(?:SRC|MIRROR)_/,
  client: /^(?:natsx (?:backlog|history|bundle)\b|natsx\b|NATS CLI\b) ?/,
};
const SYSTEM_ACCOUNTS = new Set(['$G', '$SYS', '$SYSTEM']);
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;
/** A host that was replaced as a name before. */
const HOST_ALIAS = /^host-\d+$/;
/** Parts of a text that may be names: the address of a host, the host before a port, or a word. */
const WORD =
  /(\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w.-])[a-z_-][\w-]*(?:\.[\w-]+)*(?=:\d{2,5}\b))|[^\s.,;:'"()/[\]{}<>|=]+/giu;
const ADDRESS = /^(\w+:\/\/)?(\[[^\]]*\]|[^:]*)(:\d+)?$/;

/**
 * Replaces names by others, the same ones each time. Names that are gathered before the first is replaced keep their
 * order, so that reports are in the same order.
 */
export class Disguise {
  readonly #aliases = new Map<AliasKind, Map<string, string>>();
  /** What is replaced in free text: by whole name, the longest first. */
  #spaced: readonly (readonly [string, string])[] | undefined;
  #isGathering = true;

  get isGathering(): boolean {
    return this.#isGathering;
  }

  /** From here on names are replaced; those that were gathered are numbered in their order. */
  begin(): void {
    this.#isGathering = false;
    for (const [kind, names] of this.#aliases) {
      const sorted = [...names.keys()].toSorted((a, b) => (a < b ? -1 : 1));
      const digits = Math.max(kind === 'token' ? 4 : 1, String(sorted.length).length);
      const own = new Map<string, string>();
      for (const name of sorted)
        own.set(name, aliasOf(kind, name, { place: own.size + 1, digits }));
      this.#aliases.set(kind, own);
    }
  }

  replace(kind: FieldKind, text: string): string {
    if (text === '') return text;
    switch (kind) {
      case 'own':
      case 'keep':
      case 'metadata':
      case 'settings':
        return text;
      case 'text':
        return this.#isGathering ? text : this.#text(text);
      case 'subject':
        return this.#subject(text);
      case 'address':
        return this.#address(text);
      case 'account':
        return SYSTEM_ACCOUNTS.has(text) ? text : this.#alias('account', text);
      default:
        return this.#alias(kind, text);
    }
  }

  #alias(kind: AliasKind, name: string): string {
    const names = this.#aliases.get(kind) ?? new Map<string, string>();
    this.#aliases.set(kind, names);
    const known = names.get(name);
    if (known !== undefined) return known;
    const place = names.size + 1;
    const alias = this.#isGathering
      ? name
      : aliasOf(kind, name, { place, digits: kind === 'token' ? 4 : 1 });
    names.set(name, alias);
    this.#spaced = undefined;
    return alias;
  }

  /** Token by token. Names of streams and the like in it are the same as elsewhere. */
  #subject(subject: string): string {
    const tokens = subject.split('.');
    const isSystem = SYSTEM_SUBJECT.test(subject);
    return tokens
      .map((token, place) => {
        if (token === '' || token === '*' || token === '>') return token;
        if (!isSystem) return this.#token(token);
        if (place === 0) return this.#systemStart(token);
        if (SYSTEM_WORDS.has(token)) return token;
        return this.#knownName(token) ?? this.#token(token);
      })
      .join('.');
  }

  #systemStart(token: string): string {
    const [start = ''] = SYSTEM_SUBJECT.exec(token) ?? [];
    if (start === '$' || start === token) return token;
    return start + this.#token(token.slice(start.length));
  }

  #token(token: string): string {
    return this.#alias('token', token);
  }

  #address(address: string): string {
    const [, scheme = '', host = '', port = ''] = ADDRESS.exec(address) ?? [];
    if (host === '') return scheme === '' && port === '' ? this.#host(address) : address;
    return `${scheme}${this.#host(host)}${port}`;
  }

  #host(host: string): string {
    return LOOPBACK.test(host.replace(/^\[|\]$/g, '')) ? 'localhost' : this.#alias('host', host);
  }

  #knownName(name: string): string | undefined {
    for (const kind of ['stream', 'consumer', 'server', 'client', 'account', 'domain'] as const) {
      const alias = this.#aliases.get(kind)?.get(name);
      if (alias !== undefined) return alias;
    }
    return undefined;
  }

  #knownWord(word: string): string | undefined {
    if (SYSTEM_WORDS.has(word)) return undefined;
    for (const kind of ['cluster', 'user', 'group', 'host', 'token'] as const) {
      const alias = this.#aliases.get(kind)?.get(word);
      if (alias !== undefined) return alias;
    }
    return undefined;
  }

  /** Names that are known, and whatever looks like an address. */
  #text(text: string): string {
    this.#spaced ??= this.#namesWithSpaces();
    let shown = text;
    for (const [name, alias] of this.#spaced) {
      if (shown.includes(name)) shown = shown.replaceAll(name, alias);
    }
    return shown.replace(WORD, (word, host: string | undefined) => {
      if (host !== undefined) return HOST_ALIAS.test(host) ? host : this.#host(host);
      return this.#knownName(word) ?? this.#knownWord(word) ?? word;
    });
  }

  /** Those that are not a single word. */
  #namesWithSpaces(): readonly (readonly [string, string])[] {
    return [...this.#aliases]
      .filter(([kind]) => kind !== 'token')
      .flatMap(([, names]) => [...names])
      .filter(([name, alias]) => name !== alias && /[\s.,;:'"()/[\]{}<>|=]/u.test(name))
      .toSorted(([a], [b]) => b.length - a.length);
  }
}

function aliasOf(
  kind: AliasKind,
  name: string,
  { place, digits }: { readonly place: number; readonly digits: number },
): string {
  const number = String(place).padStart(digits, '0');
  if (kind === 'token') {
    if (!INBOX_TOKEN.test(name)) return `t${number}`;
    return `t${number}${'x'.repeat(INBOX_LENGTH)}`.slice(0, INBOX_LENGTH);
  }
  const [own = ''] = OWN_NAMES[kind]?.exec(name) ?? [];
  const rest = name.slice(own.length);
  if (rest === '') return own;
  return `${own}${PREFIXES[kind]}-${number}`;
}
