import { useEffect, useRef, useState } from 'react';
import { Button } from '@graphiql/react';

import { cleanToken } from './token.js';

// What an HTTP header can hold, but for spaces.
const SENDABLE = /^[\x21-\x7e]*$/;

/**
 * The field for the token. `answer` says how the gateway answered to the `token` that is in use: `isKnown`, and
 * its `message` where it refused. `onUse` gets another token; '' forgets the one in use.
 */
export function TokenBar({ token, answer, onUse }) {
  const [text, setText] = useState(token);
  const input = useRef(null);
  const isSendable = SENDABLE.test(cleanToken(text));
  const isRefused = !isSendable || answer?.isKnown === false;

  useEffect(() => setText(token), [token]);
  useEffect(() => {
    if (answer?.isKnown === false) {
      input.current.focus();
      input.current.select();
    }
  }, [answer]);

  function use() {
    if (isSendable && (text || token)) onUse(cleanToken(text));
  }

  function forget() {
    setText('');
    onUse('');
    input.current.focus();
  }

  return (
    // The class has GraphiQL's colours and fonts.
    <div role="region" aria-label="Token" className="graphiql-container token-bar">
      <label htmlFor="token">Token</label>
      <input
        ref={input}
        id="token"
        type="password"
        autoComplete="off"
        placeholder="A token or an API key"
        aria-describedby="token-status"
        aria-invalid={isRefused}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && use()}
      />
      <Button type="button" onClick={use}>
        Use
      </Button>
      {token && (
        <Button type="button" onClick={forget}>
          Forget
        </Button>
      )}
      <p role="status" id="token-status" className={isRefused ? 'token-refused' : undefined}>
        {isSendable ? sentence(token, answer) : 'A token has letters, digits and signs of ASCII only.'}
      </p>
    </div>
  );
}

function sentence(token, answer) {
  if (!answer) return token ? '' : 'It is remembered until this tab is closed.';
  if (!answer.isKnown) return token ? answer.message : 'The gateway needs a token or an API key.';
  return token
    ? 'The token is accepted. It is remembered until this tab is closed.'
    : 'The gateway answers without a token, too.';
}
