import {
  BookOpen,
  DoorOpen,
  Hand,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  Map as MapIcon,
  Users,
  UsersRound,
} from 'lucide-preact';
import { lazy, Route } from 'preact-iso';
import { ConflictsPage } from './pages/conflicts.tsx';
import { ExplainPage } from './pages/explain.tsx';
import { GroupPage } from './pages/group.tsx';
import { GroupsPage } from './pages/groups.tsx';
import { HeldPage } from './pages/held.tsx';
import { JournalPage } from './pages/journal.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { PeoplePage } from './pages/people.tsx';
import { PersonPage } from './pages/person.tsx';
import { RoomPage } from './pages/room.tsx';
import { RoomsPage } from './pages/rooms.tsx';
import { TokensPage } from './pages/tokens.tsx';
import { to } from './places.ts';

export type NavEntry = { readonly path: string; readonly title: string; readonly Icon: LucideIcon };

export const NAVIGATION: readonly NavEntry[] = [
  { path: to(''), title: 'Overview', Icon: LayoutDashboard },
  { path: to('/people'), title: 'People', Icon: Users },
  { path: to('/groups'), title: 'Groups', Icon: UsersRound },
  { path: to('/rooms'), title: 'Rooms', Icon: DoorOpen },
  { path: to('/map'), title: 'Group map', Icon: MapIcon },
  { path: to('/held'), title: 'Held', Icon: Hand },
  { path: to('/journal'), title: 'Journal', Icon: BookOpen },
  { path: to('/tokens'), title: 'Tokens', Icon: KeyRound },
];

/** The editor is large: it comes as a file of its own, when somebody looks at the page. */
const MapPage = lazy(() => import('./pages/map.tsx').then(({ MapPage: page }) => page));

export const ROUTES = [
  <Route key="overview" path={to('')} component={OverviewPage} />,
  <Route key="people" path={to('/people')} component={PeoplePage} />,
  <Route key="person" path={`${to('/people')}/:id`} component={PersonPage} />,
  <Route key="explain" path={`${to('/people')}/:id/rooms/:room`} component={ExplainPage} />,
  <Route key="conflicts" path={to('/conflicts')} component={ConflictsPage} />,
  <Route key="groups" path={to('/groups')} component={GroupsPage} />,
  <Route key="group" path={`${to('/groups')}/:id`} component={GroupPage} />,
  <Route key="rooms" path={to('/rooms')} component={RoomsPage} />,
  <Route key="room" path={`${to('/rooms')}/:room`} component={RoomPage} />,
  <Route key="map" path={to('/map')} component={MapPage} />,
  <Route key="held" path={to('/held')} component={HeldPage} />,
  <Route key="journal" path={to('/journal')} component={JournalPage} />,
  <Route key="tokens" path={to('/tokens')} component={TokensPage} />,
];
