import { useEffect, useRef, useState } from 'preact/hooks';
import type { MapPlan, MapText } from '../answers.ts';
import type { Problem } from '../api.ts';
import { Difference } from '../difference.tsx';
import type { MapEditor } from '../map-editor.ts';
import { isSameMap, withGroup } from '../map-text.ts';
import { Page } from '../page.tsx';
import { Failed, Show } from '../states.tsx';
import { useTell } from '../toasts.tsx';
import { asProblem, useData } from '../use-data.ts';
import { useQuery, useSettled } from '../use-query.ts';
import { useKeeper, useMayChange } from '../use-session.ts';
import { MapField } from './map-field.tsx';
import { MapHistory } from './map-history.tsx';
import { PlanOfMap } from './map-plan.tsx';

/** What is typed and not saved outlives a look at another page, and a reload. */
const DRAFT = 'usher-map-draft';

/** The group map: edit it with its errors at their line, see what an edit would do, then save it. */
export function MapPage() {
  const { data, reload } = useData<MapText>('/map');
  return (
    <Page title="Group map">
      <Show data={data} what="the group map" reload={reload}>
        {(map) => <Edit loaded={map} reload={reload} />}
      </Show>
    </Page>
  );
}

const ONLY_LOOKS = 'To save the map takes the scope admin, and you have admin:read.';

type Draft = { readonly text: string; readonly version: string };

/** The map that the edit began from; what it said is not known of a draft whose map is another one by now. */
type Base = { readonly version: string; readonly text?: string };

function readDraft(): Draft | undefined {
  const stored = sessionStorage.getItem(DRAFT);
  return stored === null ? undefined : (JSON.parse(stored) as Draft);
}

/** It stays through a save and a reload, with what is typed meanwhile and what can be undone. */
function Edit({ loaded, reload }: { readonly loaded: MapText; readonly reload: () => void }) {
  const { call } = useKeeper();
  const tell = useTell();
  const query = useQuery();
  const [saved, setSaved] = useState<{ readonly over: MapText; readonly map: MapText }>();
  // What a save answered holds until the map is loaded again.
  const map = saved?.over === loaded ? saved.map : loaded;
  const whyNot = useMayChange() ? map.fixedBy : ONLY_LOOKS;
  const [draft] = useState(() => readDraft() ?? map);
  const [base, setBase] = useState<Base>(draft.version === map.version ? map : { version: draft.version });
  const [initial] = useState(() => withGroup(draft.text, query.get('add')));
  const [text, setText] = useState(initial);
  const [plan, setPlan] = useState<{ readonly of: string; readonly plan: MapPlan }>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState<'plan' | 'save'>();
  const editor = useRef<MapEditor | undefined>(undefined);
  const replace = (by: string) => editor.current?.setText(by);
  const isChanged = !isSameMap(text, map.text);
  const isOutdated = base.version !== map.version;
  const settled = useSettled(text);
  const hasNothing = !isChanged || (base.text !== undefined && isSameMap(text, base.text));
  const take = (theirs: MapText): void => {
    setBase(theirs);
    replace(theirs.text);
  };
  useEffect(() => {
    if (isOutdated && hasNothing) take(map);
  }, [isOutdated, hasNothing, map]);
  useEffect(() => {
    // Once it is in the text, the address would put it there again.
    if (query.get('add') !== '') query.set('add', '');
  }, []);
  useEffect(() => {
    if (isChanged) sessionStorage.setItem(DRAFT, JSON.stringify({ text, version: base.version }));
    else sessionStorage.removeItem(DRAFT);
  }, [text, isChanged, base.version]);

  const act = async (what: 'plan' | 'save', deed: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setProblem(undefined);
    try {
      await deed();
    } catch (error) {
      const found = asProblem(error);
      // Somebody was quicker: with what the map is now, the page says so.
      if (found.status === 412) reload();
      else setProblem(found);
    } finally {
      setBusy(undefined);
    }
  };
  const makePlan = () =>
    act('plan', async () => {
      setPlan({ of: text, plan: await call<MapPlan>('/map/plan', { method: 'POST', body: { text } }) });
    });
  const save = () =>
    act('save', async () => {
      const body = { text, version: base.version };
      const answer = await call<MapText>('/map', { method: 'PUT', body });
      setSaved({ over: loaded, map: answer });
      setBase(answer);
      setPlan(undefined);
      tell('done', 'The map is saved, and in force within seconds.');
    });
  return (
    <>
      {whyNot !== null && <p class="notice warn">{whyNot} You can try an edit, and see what it would do.</p>}
      {isOutdated && !hasNothing && (
        <div class="notice warn" role="alert">
          <p>
            Somebody else changed the map since you began. What you typed is still here. This is what yours
            would change in theirs:
          </p>
          <Difference before={map.text} after={settled} />
          <button type="button" class="secondary" onClick={() => take(map)}>
            Give mine up
          </button>{' '}
          <button type="button" class="secondary" onClick={() => setBase(map)}>
            Keep mine, and save over theirs
          </button>
        </div>
      )}
      <MapField initial={initial} onChange={setText} editor={editor} />
      {problem !== undefined && <Failed problem={problem} />}
      <div class="map-actions">
        <button
          type="button"
          aria-busy={isBusy === 'plan'}
          disabled={isBusy !== undefined}
          onClick={() => void makePlan()}
        >
          Show what this would do
        </button>
        {whyNot === null && (
          <button
            type="button"
            class="secondary"
            aria-busy={isBusy === 'save'}
            disabled={isBusy !== undefined || !isChanged || plan?.of !== text || isOutdated}
            onClick={() => void save()}
          >
            Save
          </button>
        )}
        {whyNot === null && isChanged && plan?.of !== text && (
          <span>Save comes after a look at what it would do.</span>
        )}
      </div>
      {plan !== undefined && plan.of === text && <PlanOfMap plan={plan.plan} />}
      <MapHistory now={map} onTake={replace} />
    </>
  );
}
