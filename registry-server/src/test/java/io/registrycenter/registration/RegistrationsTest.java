package io.registrycenter.registration;

import static io.registrycenter.registration.RegistrationWorld.KEY;
import static io.registrycenter.registration.RegistrationWorld.NEVER;
import static io.registrycenter.registration.RegistrationWorld.S1;
import static io.registrycenter.registration.RegistrationWorld.S2;
import static io.registrycenter.registration.RegistrationWorld.done;
import static io.registrycenter.registration.RegistrationWorld.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RegistrationsTest {

    private final RegistrationWorld world = new RegistrationWorld();

    RegistrationsTest() {
        world.session(S1);
        world.session(S2);
    }

    private static <T extends Refusal> void assertRefused(Class<T> type, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call);
    }

    @Test
    void register_new_isStoredAtTheAnsweredRevision() {
        Registered registered = done(world.register(S1, 1, "r1"));
        long revision = registered.cursor().revision();
        assertThat(revision).isEqualTo(world.store.head());
        assertThat(registered.cursor().epoch()).isEqualTo(world.store.epoch());
        assertThat(registered.instance()).isEqualTo(instance(1).at(revision, revision));
        assertThat(world.record())
                .isEqualTo(new StoredRecord(
                        new RecordKey.OfInstance(KEY), revision, new InstanceRecord(instance(1), S1, "r1")));
    }

    @Test
    void register_changedBySameSession_keepsCreatedRevision() {
        long created = done(world.register(S1, 1, "")).cursor().revision();
        Registered changed = done(world.register(S1, 2, ""));
        assertThat(changed.instance())
                .isEqualTo(instance(2).at(created, changed.cursor().revision()));
        Registered again = done(world.register(S1, 3, ""));
        assertThat(again.instance().createdRevision()).isEqualTo(created);
    }

    @Test
    void register_identical_isANoOpAtTheStoredRevision() {
        long first = done(world.register(S1, 1, "r1")).cursor().revision();
        long head = world.store.head();
        Registered again = done(world.register(S1, 1, "r2"));
        assertThat(again.cursor().revision()).isEqualTo(first);
        assertThat(again.instance()).isEqualTo(instance(1).at(first, first));
        assertThat(world.store.head()).isEqualTo(head);
    }

    @Test
    void register_identicalToAStaleView_isWritten() {
        done(world.register(S1, 1, ""));
        world.store.pauseDelivery();
        done(world.register(S1, 2, ""));
        Registered back = done(world.register(S1, 1, ""));
        assertThat(back.cursor().revision()).isEqualTo(world.store.head());
        assertThat(back.instance().weight()).isEqualTo(1);
        world.store.resumeDelivery();
        assertThat(world.applied.getLast().instances().get(0).after()).isEqualTo(back.instance());
    }

    @Test
    void register_sameRequestId_returnsTheFirstAnswer() {
        Registered first = done(world.register(S1, 1, "r1"));
        assertThat(done(world.register(S1, 1, "r1"))).isEqualTo(first);
    }

    @Test
    void register_afterALostAnswer_returnsTheRevisionOfTheFirstTry() {
        world.store.loseAnswers(1);
        assertRefused(Refusal.Unavailable.class, () -> done(world.register(S1, 1, "r1")));
        long committed = world.store.head();
        assertThat(done(world.register(S1, 1, "r1")).cursor().revision()).isEqualTo(committed);
    }

    @Test
    void register_sameRequestIdOtherPayload_isInvalid() {
        done(world.register(S1, 1, "r1"));
        assertThatExceptionOfType(Refusal.InvalidInput.class)
                .isThrownBy(() -> done(world.register(S1, 2, "r1")))
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo("request_id"));
    }

    @Test
    void register_heldByAnother_replacesWithOnePutAndANewCreatedRevision() {
        done(world.register(S1, 1, ""));
        int commits = world.applied.size();
        Registered replaced = done(world.register(S2, 1, ""));
        assertThat(replaced.instance().createdRevision())
                .isEqualTo(replaced.cursor().revision());
        assertThat(world.applied).hasSize(commits + 1);
        var change = world.applied.getLast().instances().get(0);
        assertThat(change.beforeSession()).isEqualTo(S1);
        assertThat(change.afterSession()).isEqualTo(S2);
        assertThat(change.after()).isEqualTo(replaced.instance());
    }

    @Test
    void register_sameRequestIdFromAnotherSession_isItsOwnCall() {
        done(world.register(S1, 1, "1"));
        assertThat(done(world.register(S2, 2, "1")).instance().weight()).isEqualTo(2);
    }

    @Test
    void register_overATombstone_isANewInstance() {
        long first = done(world.register(S1, 1, "")).cursor().revision();
        world.deregister(S1, "");
        Registered again = done(world.register(S1, 1, ""));
        assertThat(again.instance().createdRevision())
                .isEqualTo(again.cursor().revision())
                .isGreaterThan(first);
    }

    @Test
    void register_sessionUnknownOrClosing_isRefused() {
        assertRefused(Refusal.SessionUnknown.class, () -> done(world.register("3".repeat(32), 1, "")));
        world.session(S2, true);
        assertRefused(Refusal.SessionUnknown.class, () -> done(world.register(S2, 1, "")));
        assertThat(world.record()).isNull();
    }

    @Test
    void register_sessionNotInTheViewYet_isAccepted() {
        world.store.pauseDelivery();
        world.session("3".repeat(32));
        assertThat(done(world.register("3".repeat(32), 1, "")).cursor().revision())
                .isEqualTo(world.store.head());
    }

    @Test
    void register_sessionGoneButStillInTheView_isRefused() {
        world.store.pauseDelivery();
        world.put(new RecordKey.OfSession(S1), null);
        assertRefused(Refusal.SessionUnknown.class, () -> done(world.register(S1, 1, "")));
        assertThat(world.record()).isNull();
    }

    @Test
    void register_sessionAdoptedMeanwhile_isRetried() {
        world.store.pauseDelivery();
        world.session(S1);
        assertThat(done(world.register(S1, 1, "")).cursor().revision()).isEqualTo(world.store.head());
    }

    @Test
    void register_serviceFull_isRefusedButAChangeIsNot() {
        for (int i = 0; i < 10_000; i++) {
            world.put(
                    new RecordKey.OfInstance(new InstanceKey("shop", "orders", "i" + i)),
                    new InstanceRecord(instance("i" + i, 1), S1, ""));
        }
        assertThatExceptionOfType(Refusal.LimitExceeded.class)
                .isThrownBy(() -> done(world.register(S1, 1, "")))
                .satisfies(refusal -> {
                    assertThat(refusal.limit()).isEqualTo("instances-per-service");
                    assertThat(refusal.allowed()).isEqualTo(10_000);
                    assertThat(refusal.retryAfter()).isPositive();
                });
        var change = new RegisterCommand("shop", instance("i7", 2), S1, "", NEVER);
        assertThat(done(world.registrations.register(change)).instance().weight())
                .isEqualTo(2);
    }

    @Test
    void register_deadlinePassedBeforeQueueing_isNotCommitted() {
        long head = world.store.head();
        var late = new RegisterCommand("shop", instance(1), S1, "", () -> true);
        assertThatExceptionOfType(Refusal.Unavailable.class)
                .isThrownBy(() -> done(world.registrations.register(late)))
                .satisfies(refusal -> assertThat(refusal.closeCause()).isEqualTo(CloseCause.CLIENT_DEADLINE));
        assertThat(world.store.head()).isEqualTo(head);
    }

    @Test
    void register_callerGoneWhileItWaitsForItsTurn_isNotCommitted() {
        AtomicBoolean gone = new AtomicBoolean();
        world.store.holdCommits();
        var waiting = world.registrations.register(new RegisterCommand("shop", instance(1), S1, "", gone::get));
        gone.set(true);
        world.store.releaseCommits();
        assertThatExceptionOfType(Refusal.Unavailable.class)
                .isThrownBy(() -> done(waiting))
                .satisfies(refusal -> assertThat(refusal.closeCause()).isEqualTo(CloseCause.CLIENT_DEADLINE));
        assertThat(world.record()).isNull();
    }

    @Test
    void anyCall_afterAStandstill_isRefusedForASecond() {
        done(world.register(S1, 1, ""));
        long head = world.store.head();
        world.nanos += Duration.ofMinutes(1).toNanos();
        assertThatStoodStill(() -> done(world.register(S1, 2, "")));
        assertThatStoodStill(() -> world.status(S1, InstanceStatus.DOWN, ""));
        world.nanos += Duration.ofMillis(999).toNanos();
        assertThatStoodStill(() -> world.deregister(S1, ""));
        assertThat(world.store.head()).isEqualTo(head);

        world.nanos += Duration.ofMillis(1).toNanos();
        assertThat(done(world.register(S1, 2, "")).instance().weight()).isEqualTo(2);
    }

    @Test
    void register_changedByOthersDuringAStandstill_changesNothing() {
        done(world.register(S1, 1, ""));
        world.store.holdCommits();
        var first = world.register(S1, 2, "");
        var second = world.register(S1, 3, "");
        world.nanos += Duration.ofMinutes(1).toNanos();
        world.store.releaseCommits();
        assertThatStoodStill(() -> done(first));
        assertThatStoodStill(() -> done(second));
        assertThat(world.record())
                .extracting(StoredRecord::value)
                .asInstanceOf(type(InstanceRecord.class))
                .returns(1, held -> held.instance().weight());
    }

    private static void assertThatStoodStill(ThrowingCallable call) {
        assertThatExceptionOfType(Refusal.Unavailable.class)
                .isThrownBy(call)
                .returns(CloseCause.SERVER_BEHIND, Refusal.Unavailable::closeCause)
                .satisfies(refusal -> assertThat(refusal.retryAfter()).isPositive());
    }

    @Test
    void register_storeOutOfReach_isUnavailableWithRetry() {
        world.store.failCommits();
        assertThatExceptionOfType(Refusal.Unavailable.class)
                .isThrownBy(() -> done(world.register(S1, 1, "")))
                .satisfies(refusal -> assertThat(refusal.retryAfter()).isPositive());
    }

    @Test
    void register_invalidInput_neverReachesTheStore() {
        world.store.failCommits();
        Instance nameless = instance("", 1);
        assertRefused(
                Refusal.InvalidInput.class,
                () -> done(world.registrations.register(new RegisterCommand("shop", nameless, S1, "", NEVER))));
        assertRefused(Refusal.InvalidInput.class, () -> done(world.register("not an id", 1, "")));
        assertRefused(Refusal.InvalidInput.class, () -> done(world.register(S1, 1, "x".repeat(65))));
    }

    @Test
    void register_isNotAnsweredBeforeItIsDurable() {
        world.store.holdCommits();
        CompletableFuture<Registered> call = world.register(S1, 1, "");
        assertThat(call).isNotDone();
        world.store.releaseCommits();
        assertThat(done(call).cursor().revision()).isEqualTo(world.store.head());
    }

    @Test
    void register_changedByOthersOnTheWay_isJudgedByWhatIsStoredThen() {
        done(world.register(S1, 1, ""));
        // Somebody changes the instance when the deadline is asked for, just before the commit is queued.
        AtomicInteger asked = new AtomicInteger();
        var overtaken = new RegisterCommand("shop", instance(1), S2, "", () -> {
            if (asked.getAndIncrement() == 0) {
                done(world.register(S1, 2, ""));
            }
            return false;
        });
        Registered registered = done(world.registrations.register(overtaken));
        assertThat(registered.instance().createdRevision())
                .as("taken over from the session that holds it by now")
                .isEqualTo(registered.cursor().revision());
    }

    @Test
    void register_changedByOthersOnTheWay_andCallerGoneSince_changesNothing() {
        done(world.register(S1, 1, "r1"));
        AtomicInteger asked = new AtomicInteger();
        // The caller has repeated it elsewhere meanwhile, and changed it once more: what comes now would undo that.
        var late = new RegisterCommand("shop", instance(2), S1, "r2", () -> {
            int before = asked.getAndIncrement();
            if (before == 0) {
                done(world.register(S1, 3, "r3"));
            }
            return before >= 2;
        });
        assertThatExceptionOfType(Refusal.Unavailable.class)
                .isThrownBy(() -> done(world.registrations.register(late)))
                .satisfies(refusal -> assertThat(refusal.closeCause()).isEqualTo(CloseCause.CLIENT_DEADLINE));
        assertThat(asked)
                .as("before it is queued, when it has its turn, and when it is judged again")
                .hasValue(3);
        assertThat(world.record())
                .extracting(StoredRecord::value)
                .asInstanceOf(type(InstanceRecord.class))
                .returns("r3", InstanceRecord::requestId);
    }

    @Test
    void deregister_holder_writesATombstone() {
        done(world.register(S1, 1, ""));
        long revision = world.deregister(S1, "r2");
        assertThat(world.record())
                .isEqualTo(new StoredRecord(
                        new RecordKey.OfInstance(KEY), revision, new Tombstone(RemovalReason.DEREGISTERED, S1, "r2")));
    }

    @Test
    void deregister_sameRequestId_returnsTheFirstAnswer() {
        done(world.register(S1, 1, "r1"));
        long first = world.deregister(S1, "r2");
        assertThat(world.deregister(S1, "r2")).isEqualTo(first);
    }

    @Test
    void deregister_goneOrNeverThere_isNotHolder() {
        assertRefused(Refusal.NotHolder.class, () -> world.deregister(S1, ""));
        done(world.register(S1, 1, ""));
        world.deregister(S1, "r2");
        assertRefused(Refusal.NotHolder.class, () -> world.deregister(S1, "r3"));
        assertRefused(Refusal.NotHolder.class, () -> world.deregister(S1, ""));
    }

    @Test
    void deregister_replacedInstance_changesNothing() {
        done(world.register(S1, 1, ""));
        done(world.register(S2, 1, ""));
        long head = world.store.head();
        assertRefused(Refusal.NotHolder.class, () -> world.deregister(S1, ""));
        assertThat(world.store.head()).isEqualTo(head);
    }

    @Test
    void deregister_heldInTheViewButReplacedInTheStore_isNotHolder() {
        done(world.register(S1, 1, ""));
        world.store.pauseDelivery();
        done(world.register(S2, 1, ""));
        assertRefused(Refusal.NotHolder.class, () -> world.deregister(S1, ""));
    }

    @Test
    void deregister_registeredAMomentAgo_needsNoView() {
        world.store.pauseDelivery();
        done(world.register(S1, 1, ""));
        assertThat(world.deregister(S1, "")).isEqualTo(world.store.head());
    }

    @Test
    void deregister_requestIdOfTheRegister_isInvalid() {
        done(world.register(S1, 1, "r1"));
        assertRefused(Refusal.InvalidInput.class, () -> world.deregister(S1, "r1"));
        world.deregister(S1, "r2");
        assertRefused(Refusal.InvalidInput.class, () -> done(world.register(S1, 1, "r2")));
    }

    @Test
    void deregister_sessionUnknown_isRefused() {
        assertRefused(Refusal.SessionUnknown.class, () -> world.deregister("3".repeat(32), ""));
    }

    @Test
    void updateStatus_holder_changesTheStatusAndNothingElse() {
        long created = done(world.register(S1, 1, "")).cursor().revision();
        long revision = world.status(S1, InstanceStatus.LEAVING, "r2");
        var change = world.applied.getLast().instances().get(0);
        assertThat(change.after())
                .isEqualTo(instance(1).with(InstanceStatus.LEAVING).at(created, revision));
        assertThat(world.status(S1, InstanceStatus.LEAVING, "r2")).isEqualTo(revision);
        assertThat(world.status(S1, InstanceStatus.LEAVING, "r3")).isEqualTo(revision);
        assertRefused(Refusal.InvalidInput.class, () -> world.status(S1, InstanceStatus.DOWN, "r2"));
        assertThat(world.status(S1, InstanceStatus.DOWN, "")).isGreaterThan(revision);
        assertThat(world.status(S1, InstanceStatus.UP, "")).isEqualTo(world.store.head());
    }

    @Test
    void updateStatus_notHolder_isRefused() {
        assertRefused(Refusal.NotHolder.class, () -> world.status(S1, InstanceStatus.DOWN, ""));
        done(world.register(S2, 1, ""));
        assertRefused(Refusal.NotHolder.class, () -> world.status(S1, InstanceStatus.DOWN, ""));
    }
}
