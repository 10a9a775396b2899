import { usageError } from '../../core/errors.js';
import { KeptMessage } from '../../core/message/message-in-place.js';
import type { Exchange, Taken } from '../../core/message/reading.js';
import { exchangeJson, exchangeText } from '../view/exchange-text.js';
import { createMessageText } from '../view/message-text.js';
import type { Terminal } from '../../terminal/terminal.js';
import { ArrivalTimes, createMessagePrinter } from './message-printer.js';
import type { OutputGuard } from '../../terminal/output-guard.js';
import type { MessageForm, ReadingOptions } from '../flags/reading-options.js';

/**
 * Returns the function that prints requests together with their replies.
 *
 * @throws {NatsxError} usage — a form that has no room for two messages
 */
export function createExchangePrinter(
  { out, style }: Terminal,
  { form, outputDir }: Pick<ReadingOptions, 'form' | 'outputDir'>,
): (exchange: Exchange, guard: OutputGuard) => Taken {
  if (outputDir !== undefined) {
    throw usageError(
      '--output-dir and --match-replies exclude each other',
      'use --json and a file',
    );
  }
  const print = exchangeWriter({ out, style }, form);
  return (exchange, guard) => {
    if (guard.overflows) return 'dropped';
    print(exchange);
    return guard.taken;
  };
}

function exchangeWriter(
  { out, style }: Pick<Terminal, 'out' | 'style'>,
  form: MessageForm,
): (exchange: Exchange) => void {
  switch (form.kind) {
    case 'format':
      throw usageError(
        '--format and --match-replies exclude each other: a format has no field for the reply',
        'use --json and a program such as jq',
      );
    case 'json': {
      const end = Buffer.from(form.delimiter).toString('latin1');
      return (exchange) => out.text(exchangeJson(exchange) + end);
    }
    case 'raw': {
      const printer = createMessagePrinter(out, { form, style });
      return ({ request, reply, count, outcome, replyNumber = 1 }) => {
        if (replyNumber === 1) printer(new KeptMessage(request), count, undefined);
        if (outcome === 'replied' && reply !== undefined) {
          printer(new KeptMessage(reply), count, undefined);
        }
      };
    }
    case 'text': {
      const look = {
        style,
        messageText: createMessageText({ ...form, style, columns: out.width }),
      };
      const times = new ArrivalTimes();
      return (exchange) => out.text(exchangeText(exchange, times.of(exchange.request), look));
    }
  }
}
