import { mergeHeaders } from './edit-headers.js';
import type { Answer, Answerer } from './answer.js';
import type { MakeValues } from './message-maker.js';
import type { MessageHeaders } from './message.js';
import type { TemplateOptions } from './template.js';
import { compileTemplate } from './template.js';

/** The request itself, headers included. */
export const echo: Answerer = (request) => answerOf(request.headers, request.payload);

/** The same each time. */
export function fixed(payload: Uint8Array): Answerer {
  const answer = answerOf(undefined, payload);
  return () => answer;
}

/** A template, in which `{{Request}}` is the request's payload. @throws {NatsxError} usage */
export function templated(text: string, options: TemplateOptions): Answerer {
  const template = compileTemplate(text, { ...options, allowRequest: true });
  return (request, number) =>
    answerOf(undefined, template.renderBytes({ count: number, request: request.payload }));
}

/** Adds headers to every answer; they replace those of the same name. */
export function withHeaders(
  render: (values: MakeValues) => MessageHeaders | undefined,
  answerer: Answerer,
): Answerer {
  const add = (answer: Answer, values: MakeValues): Answer => {
    const headers = render(values);
    if (headers === undefined) return answer;
    return { ...answer, headers: mergeHeaders(answer.headers, headers) };
  };
  return (request, number, signal) => {
    const values = { count: number, request: request.payload };
    const answer = answerer(request, number, signal);
    return answer instanceof Promise
      ? answer.then((ready) => add(ready, values))
      : add(answer, values);
  };
}

/** Fails a share of the requests on purpose. @param random from 0 up to, not including, 1 */
export function failing(share: number, random: () => number, otherwise: Answerer): Answerer {
  if (share === 0) return otherwise;
  const failure = {
    headers: undefined,
    payload: new Uint8Array(),
    error: { code: '500', description: 'simulated failure' },
  };
  return (request, number, signal) =>
    random() < share ? failure : otherwise(request, number, signal);
}

function answerOf(headers: MessageHeaders | undefined, payload: Uint8Array): Answer {
  return { headers, payload, error: undefined };
}
