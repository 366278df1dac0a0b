import type { Change } from '../plan/change.ts';
import { describeChange } from '../plan/render.ts';
import type { Part, PeopleQuery } from '../store/page-store.ts';
import type { Desk } from './desk.ts';
import { explainPerson, explainRoom, type RoomExplanation } from './explain.ts';
import { personJson, roomJson } from './explain-json.ts';
import { lookUpPerson } from './find-person.ts';
import { readMapRooms } from './map-rooms.ts';
import { type PersonFacts, readPerson } from './person-facts.ts';
import { roomNamed } from './room-pages.ts';
import { stepsJson } from './step.ts';
import { readUsers, type UserFacts } from './users.ts';

/** People as providers pushed them, with what became of them. */
export async function listPeople(
  { store }: Pick<Desk, 'store'>,
  query: PeopleQuery,
): Promise<Part<UserFacts>> {
  const { items, next } = await store.pages.people(query);
  return { items: await readUsers(store, items, () => true), next };
}

/** How it is with one person, as JSON tells it. Rejects with `UnknownName`. */
export async function readPersonDetail(desk: Desk, name: string) {
  const { store, map } = desk;
  const person = await readPerson(desk, await lookUpPerson(store, name));
  const { answer, rooms } = await explainPerson(desk, person, await readMapRooms(store, map));
  const groups = (await store.groups.ofUsers([person.userId])).get(person.userId) ?? [];
  return {
    answer,
    person: personView(person),
    groups: groups.map(({ group, displayName, isDirect }) => ({ id: group, name: displayName, isDirect })),
    rooms: rooms.map(roomView),
  };
}

/** Whether somebody is in a room and why, as JSON tells it. Rejects with `UnknownName`. */
export async function readPersonRoom(desk: Desk, name: string, roomName: string) {
  const person = await readPerson(desk, await lookUpPerson(desk.store, name));
  const explained = await explainRoom(desk, person, await roomNamed(desk, roomName));
  return { person: personView(person), ...roomView(explained) };
}

function personView(person: PersonFacts) {
  const { changes, findings, ...rest } = personJson(person);
  return {
    ...rest,
    changes: changes?.map(changeView),
    findings: findings?.map(({ code, message, blocking }) => ({ code, message, isBlocking: blocking })),
  };
}

function roomView({ answer, facts, next }: RoomExplanation) {
  const { changes, ...rest } = roomJson(facts);
  return { answer, ...rest, changes: changes.map(changeView), next: stepsJson(next) };
}

function changeView(change: Change) {
  return { kind: change.kind, text: describeChange(change) };
}
