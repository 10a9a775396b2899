import { isJsonObject } from '../core/message/exact-json.js';

/** The fields of INFO; absent ones were not sent. Names are the protocol's own. */
export interface ServerInfo {
  readonly server_id?: string;
  readonly server_name?: string;
  readonly version?: string;
  readonly go?: string;
  readonly host?: string;
  readonly port?: number;
  readonly cluster?: string;
  readonly domain?: string;
  readonly headers?: boolean;
  readonly jetstream?: boolean;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
  readonly tls_available?: boolean;
  readonly tls_verify?: boolean;
  readonly max_payload?: number;
  readonly nonce?: string;
  readonly client_id?: number;
  readonly client_ip?: string;
  readonly connect_urls?: readonly string[];
  /** Lame duck: the server is about to shut down and closes its connections one by one. */
  readonly ldm?: boolean;
}

/** Reads the JSON of an INFO line; undefined if it is not a JSON object. */
export function parseServerInfo(json: string): ServerInfo | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
