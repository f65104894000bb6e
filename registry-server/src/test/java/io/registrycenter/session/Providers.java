package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.session.SimulatedClient.Fate;
import java.util.List;
import java.util.function.Predicate;

/** The providers of a simulation, and what must hold for each of them, whatever breaks. */
final class Providers {

    private final SimulatedWorld world;
    private final List<SimulatedClient> clients;

    Providers(SimulatedWorld world, List<SimulatedClient> clients) {
        this.world = world;
        this.clients = List.copyOf(clients);
    }

    List<SimulatedClient> all() {
        return clients;
    }

    SimulatedClient get(int index) {
        return clients.get(index);
    }

    void act() {
        clients.forEach(client -> client.act(world.now()));
    }

    long living() {
        return clients.stream().filter(client -> client.fate == Fate.LIVING).count();
    }

    /** @param overdue whether the servers have had the time to remove a client that is dead */
    void noFalseRemoval(Predicate<SimulatedClient> overdue) {
        for (SimulatedClient client : clients) {
            if (client.fate == Fate.LIVING && client.registered()) {
                assertThat(world.registered(client.instance))
                        .as("%s lives and stays registered", client.instance)
                        .isTrue();
            }
            if (client.fate != Fate.LIVING && overdue.test(client)) {
                assertThat(world.registered(client.instance))
                        .as("%s is dead (%s) and gone in time", client.instance, client.fate)
                        .isFalse();
            }
        }
    }

    /** After everything is well again: who lives is there, and has been since it came. */
    void noFlap() {
        for (SimulatedClient client : clients) {
            assertThat(world.registered(client.instance)).isEqualTo(client.fate == Fate.LIVING);
            long puts = world.changes.stream()
                    .filter(change -> change.key().id().equals(client.instance) && change.after() != null)
                    .count();
            assertThat(puts).as("changes of %s", client.instance).isLessThanOrEqualTo(1);
        }
    }
}
