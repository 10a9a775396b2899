import { checkHeader } from './header-flag.js';
import type { MessageHeaders, OutgoingMessage } from './message.js';
import { parsePublishSubject } from '../subject/subject.js';
import type { Template, TemplateOptions } from './template.js';
import { compileTemplate } from './template.js';

/** The parts of a message as the user gave them. */
export interface MessageParts {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: MessageHeaders | undefined;
  readonly body: Uint8Array;
}

/** What differs from message to message. */
export interface MakeValues {
  /** Number of the message, from 1. */
  readonly count: number;
  /** The request's payload, in replies. */
  readonly request?: Uint8Array;
}

/** Creates the message for a number; the same object each time when nothing differs. */
export type MessageMaker = (values: MakeValues) => OutgoingMessage;

/** Messages that are all the same. @throws {NatsxError} usage — the subject or the reply subject */
export function constantMaker(parts: MessageParts): MessageMaker {
  const message = outgoing({
    subject: parsePublishSubject(parts.subject),
    reply: parts.reply === undefined ? undefined : parsePublishSubject(parts.reply),
    headers: parts.headers,
    payload: parts.body,
  });
  return () => message;
}

/**
 * Messages whose subject, reply subject, header values and body are templates.
 *
 * @throws {NatsxError} usage — a template, or a subject that the first message would have
 */
export function templateMaker(parts: MessageParts, options: TemplateOptions): MessageMaker {
  const subject = subjectRenderer(parts.subject, options);
  const reply = parts.reply === undefined ? undefined : subjectRenderer(parts.reply, options);
  const headers = headersRenderer(parts.headers, options);
  const body = compileTemplate(Buffer.from(parts.body).toString('utf8'), options);
  const payload = body.isConstant ? parts.body : undefined;
  const make: MessageMaker = (values) =>
    outgoing({
      subject: subject(values),
      reply: reply?.(values),
      headers: headers(values),
      payload: payload ?? body.renderBytes(values),
    });
  // A fault in a template should be reported before anything is sent.
  make({ count: 1 });
  return make;
}

/** Header values as templates; a line break that a request brings along becomes a blank. @throws usage */
export function headersRenderer(
  headers: MessageHeaders | undefined,
  options: TemplateOptions,
): (values: MakeValues) => MessageHeaders | undefined {
  if (headers === undefined || headers.size === 0) return () => undefined;
  const compiled = [...headers].map(
    ([name, values]) => [name, values.map((value) => compileTemplate(value, options))] as const,
  );
  if (compiled.every(([, templates]) => templates.every(({ isConstant }) => isConstant))) {
    return () => headers;
  }
  return (values) =>
    new Map(compiled.map(([name, templates]) => [name, renderAll(name, templates, values)]));
}

function renderAll(
  name: string,
  templates: readonly Template[],
  values: MakeValues,
): readonly string[] {
  return templates.map((template) => {
    const value = template.render(values).replace(/[\r\n]+/g, ' ');
    checkHeader(name, value);
    return value;
  });
}

function subjectRenderer(text: string, options: TemplateOptions): (values: MakeValues) => string {
  const template = compileTemplate(text, options);
  if (!template.isConstant) return (values) => parsePublishSubject(template.render(values));
  const subject = parsePublishSubject(text);
  return () => subject;
}

interface Rendered {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: MessageHeaders | undefined;
  readonly payload: Uint8Array;
}

function outgoing({ subject, reply, headers, payload }: Rendered): OutgoingMessage {
  return {
    subject,
    payload,
    ...(reply === undefined ? {} : { reply }),
    ...(headers === undefined || headers.size === 0 ? {} : { headers }),
  };
}
