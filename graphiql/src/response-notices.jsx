import { useEffect, useState } from 'react';
import { pick, useGraphiQL } from '@graphiql/react';

import { describeMissingSchema, describeResponse, MARKED } from './notices.js';

const MOST_MARKS = 1000;

/** The notices below the response: what is redacted or refused in it, and why there is no schema. */
export function ResponseNotices() {
  const { responseEditor, fetchError } = useGraphiQL(pick('responseEditor', 'fetchError'));
  const aboutResponse = useResponseNotices(responseEditor);
  const aboutSchema = describeMissingSchema(fetchError);

  // GraphiQL's own effect, which comes before this one, has put the error there.
  useEffect(() => {
    if (describeMissingSchema(fetchError)) responseEditor?.setValue('');
  }, [responseEditor, fetchError]);

  const notices = [aboutSchema, ...aboutResponse].filter((notice) => notice?.text);
  return (
    <div role="status" aria-label="About the response" className="notices">
      {notices.map(({ kind, text }, index) => (
        <p key={index} className={`notice notice-${kind}`}>
          {text}
        </p>
      ))}
    </div>
  );
}

/** Return the notices about what the editor of responses shows, and mark the places that they are about. */
function useResponseNotices(editor) {
  const [notices, setNotices] = useState([]);
  useEffect(() => {
    if (!editor) return undefined;
    const marks = editor.createDecorationsCollection();
    let frame;
    const update = () => {
      setNotices(describeResponse(editor.getValue()));
      const found = editor.getModel().findMatches(MARKED, false, true, true, null, false, MOST_MARKS);
      marks.set(found.map(({ range }) => ({ range, options: { inlineClassName: 'response-mark' } })));
    };
    // Once per frame, however many parts of a response come.
    const listener = editor.onDidChangeModelContent(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(update);
    });
    update();
    return () => {
      cancelAnimationFrame(frame);
      listener.dispose();
    };
  }, [editor]);
  return notices;
}
