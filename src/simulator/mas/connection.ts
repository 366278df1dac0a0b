import type { Provisioning } from '../provisioning.ts';
import { Refusal } from '../refusal.ts';
import { refused } from './refusal.ts';

/** MAS's connection to Synapse, and what may be wrong with it. */
export type Connection = Provisioning & {
  /** `matrix.kind: synapse_read_only`: whatever would change something in Synapse fails. */
  isReadOnly: boolean;
  /** Synapse does what it is told next, and MAS never hears of it. */
  losesNextAnswer: boolean;
};

export function createConnection(synapse: Provisioning): Connection {
  function mayWrite(what: string): void {
    if (connection.isReadOnly) throw refused(500, `${what} is not supported in read-only mode`);
  }

  function hearAnswer(): void {
    if (!connection.losesNextAnswer) return;
    connection.losesNextAnswer = false;
    throw new Refusal(504, 'M_UNKNOWN', 'the answer was lost');
  }

  const connection: Connection = {
    isReadOnly: false,
    losesNextAnswer: false,

    isLocalpartAvailable: synapse.isLocalpartAvailable,

    provision(localpart, wanted) {
      mayWrite('Provisioning');
      synapse.provision(localpart, wanted);
      hearAnswer();
    },
    deleteUser(localpart, erase) {
      mayWrite('User deletion');
      synapse.deleteUser(localpart, erase);
      hearAnswer();
    },
    reactivateUser(localpart) {
      mayWrite('User reactivation');
      synapse.reactivateUser(localpart);
      hearAnswer();
    },
    addDevice(localpart, device) {
      mayWrite('Device creation');
      synapse.addDevice(localpart, device);
    },
    syncDevices(localpart, devices) {
      mayWrite('Device synchronization');
      synapse.syncDevices(localpart, devices);
    },
  };
  return connection;
}
