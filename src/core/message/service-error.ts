import type { MessageHeaders } from './message.js';

const ERROR = 'Nats-Service-Error';
const CODE = 'Nats-Service-Error-Code';

/** What a NATS micro-service says when it could not do what was asked. */
export interface ServiceError {
  /** Usually three digits, as in HTTP; empty when the service named none. */
  readonly code: string;
  /** May be empty. */
  readonly description: string;
}

/** The error that a reply's headers carry, if any; names are compared without regard to case. */
export function serviceErrorOf(headers: MessageHeaders | undefined): ServiceError | undefined {
  if (headers === undefined) return undefined;
  const description = firstValue(headers, ERROR);
  const code = firstValue(headers, CODE);
  if (description === undefined && code === undefined) return undefined;
  return { code: code ?? '', description: description ?? '' };
}

/** The same as headers; line breaks, which headers cannot have, become blanks. */
export function serviceErrorHeaders({ code, description }: ServiceError): MessageHeaders {
  return new Map([
    [ERROR, [description.replace(/[\r\n]+/g, ' ')]],
    [CODE, [code]],
  ]);
}

function firstValue(headers: MessageHeaders, name: string): string | undefined {
  const exact = headers.get(name)?.[0];
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, values] of headers) if (key.toLowerCase() === wanted) return values[0];
  return undefined;
}
