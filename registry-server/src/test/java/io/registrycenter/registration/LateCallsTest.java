package io.registrycenter.registration;

import static io.registrycenter.registration.RegistrationWorld.KEY;
import static io.registrycenter.registration.RegistrationWorld.NEVER;
import static io.registrycenter.registration.RegistrationWorld.S1;
import static io.registrycenter.registration.RegistrationWorld.S2;
import static io.registrycenter.registration.RegistrationWorld.done;
import static io.registrycenter.registration.RegistrationWorld.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.PastCalls;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A copy of a call that arrives after newer calls undoes none of them. */
class LateCallsTest {

    private final RegistrationWorld world = new RegistrationWorld();

    LateCallsTest() {
        world.session(S1);
        world.session(S2);
    }

    @Test
    void register_afterItsOwnRemoval_staysOut() {
        done(world.register(S1, 1, "r1"));
        world.deregister(S1, "r2");
        StoredRecord removed = world.record();

        assertNotHolder(() -> done(world.register(S1, 1, "r1")));

        assertThat(world.record()).isEqualTo(removed);
    }

    @Test
    void register_afterAReplacement_doesNotTakeItBack() {
        done(world.register(S1, 1, "r1"));
        done(world.register(S2, 1, "r1"));
        StoredRecord replaced = world.record();

        assertNotHolder(() -> done(world.register(S1, 1, "r1")));

        assertThat(world.record()).isEqualTo(replaced);
    }

    @Test
    void register_afterTheReplacementIsOver_staysOut() {
        done(world.register(S1, 1, "r1"));
        done(world.register(S2, 1, "r2"));
        world.deregister(S2, "r3");
        assertNotHolder(() -> done(world.register(S1, 1, "r1")));
    }

    @Test
    void register_afterANewerOne_answersWithTheFirstCursorAndWhatStandsNow() {
        long first = done(world.register(S1, 1, "r1")).cursor().revision();
        Registered newer = done(world.register(S1, 2, "r2"));

        Registered late = done(world.register(S1, 1, "r1"));

        assertThat(late.cursor().revision()).isEqualTo(first);
        assertThat(late.instance()).isEqualTo(newer.instance());
        assertThat(Objects.requireNonNull(world.record()).revision())
                .isEqualTo(newer.cursor().revision());
    }

    @Test
    void register_toAServerThatIsBehind_staysOut() {
        done(world.register(S1, 1, "r1"));
        world.store.pauseDelivery();
        world.deregister(S1, "r2");
        assertNotHolder(() -> done(world.register(S1, 1, "r1")));
    }

    @Test
    void deregister_afterANewRegistration_leavesIt() {
        done(world.register(S1, 1, "r1"));
        long first = world.deregister(S1, "r2");
        done(world.register(S1, 1, "r3"));
        StoredRecord registered = world.record();

        assertThat(world.deregister(S1, "r2")).isEqualTo(first);

        assertThat(world.record()).isEqualTo(registered);
    }

    @Test
    void status_afterANewerOne_leavesIt() {
        done(world.register(S1, 1, "r1"));
        long first = world.status(S1, InstanceStatus.LEAVING, "r2");
        world.status(S1, InstanceStatus.UP, "r3");
        StoredRecord up = world.record();

        assertThat(world.status(S1, InstanceStatus.LEAVING, "r2")).isEqualTo(first);

        assertThat(world.record()).isEqualTo(up);
    }

    @Test
    void olderRequestId_otherPayload_isInvalid() {
        done(world.register(S1, 1, "r1"));
        world.status(S1, InstanceStatus.LEAVING, "r2");
        world.deregister(S1, "r3");
        done(world.register(S1, 5, "r4"));
        assertOtherPayload(() -> done(world.register(S1, 2, "r1")));
        assertOtherPayload(() -> done(world.register(S1, 1, "r3")));
        assertOtherPayload(() -> world.deregister(S1, "r1"));
        assertOtherPayload(() -> world.status(S1, InstanceStatus.DOWN, "r2"));
    }

    @Test
    void anOperatorsRemoval_isRememberedOver() {
        done(world.register(S1, 1, "r1"));
        done(world.register(S1, 2, "r2"));
        StoredRecord held = world.record();
        var unused = world.store.commit(new Transaction(
                List.of(),
                List.of(new Mutation(
                        new RecordKey.OfInstance(KEY),
                        new Tombstone(RemovalReason.ADMIN, S1, "", PastCalls.after(held))))));
        assertNotHolder(() -> done(world.register(S1, 1, "r1")));
        assertNotHolder(() -> done(world.register(S1, 2, "r2")));
    }

    @Test
    void olderRequestIds_areForgottenBeyondTheBound() {
        for (int i = 0; i < 3 * PastCalls.MOST; i++) {
            done(world.register(S1, i, "r" + i));
        }
        StoredRecord record = Objects.requireNonNull(world.record());
        assertThat(PastCalls.after(record).calls()).hasSize(PastCalls.MOST);
        int newest = 3 * PastCalls.MOST - 1;
        assertThat(PastCalls.after(record).find(S1, "r" + newest)).isNotNull();
        assertThat(PastCalls.after(record).find(S1, "r" + (newest - PastCalls.MOST + 1)))
                .isNotNull();
        assertThat(PastCalls.after(record).find(S1, "r" + (newest - PastCalls.MOST)))
                .isNull();
    }

    @Test
    void deregister_ofARegistrationThatIsOver_leavesTheNewOneOfTheSameSession() {
        long first = done(world.register(S1, 1, "r1")).instance().createdRevision();
        world.deregister(S1, "r2");
        long second = done(world.register(S1, 1, "r3")).instance().createdRevision();

        assertNotHolder(() -> deregister(first, world.store.epoch()));
        assertNotHolder(() -> done(world.registrations.updateStatus(new UpdateStatusCommand(
                KEY, InstanceStatus.DOWN, S1, "r5", new Cursor(world.store.epoch(), first), NEVER))));
        assertThat(done(world.register(S1, 1, "r3")).instance())
                .isEqualTo(instance(1).at(second, second));

        deregister(second, world.store.epoch());
        assertThat(Objects.requireNonNull(world.record()).value()).isInstanceOf(Tombstone.class);
    }

    @Test
    void deregister_ofARegistrationInAnotherHistory_isNotCompared() {
        long created = done(world.register(S1, 1, "r1")).instance().createdRevision();
        deregister(created + 1_000, "another");
        assertThat(Objects.requireNonNull(world.record()).value()).isInstanceOf(Tombstone.class);
    }

    private void deregister(long registration, String epoch) {
        Cursor unused = done(world.registrations.deregister(
                new DeregisterCommand(KEY, S1, "d" + registration, new Cursor(epoch, registration), NEVER)));
    }

    private static void assertNotHolder(Runnable call) {
        assertThatExceptionOfType(Refusal.NotHolder.class).isThrownBy(call::run);
    }

    private static void assertOtherPayload(Runnable call) {
        assertThatExceptionOfType(Refusal.InvalidInput.class)
                .isThrownBy(call::run)
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo("request_id"));
    }
}
