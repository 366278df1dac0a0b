import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { toExplanation } from '../places.ts';

/** Leads to the explanation for any room, also one that does not concern her. */
export function AskAboutRoom({ scimId }: { readonly scimId: string }) {
  const { route } = useLocation();
  const [room, setRoom] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        route(toExplanation(scimId, room.trim()));
      }}
    >
      <label for="ask-room">Why is she in a room, or not?</label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is Pico's too, and would ask for a legend. */}
      <div role="group">
        <input
          id="ask-room"
          required
          value={room}
          placeholder="#room:example.com"
          autocomplete="off"
          onInput={(event) => setRoom(event.currentTarget.value)}
        />
        <button type="submit">Explain</button>
      </div>
    </form>
  );
}
