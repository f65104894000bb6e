package io.registrycenter.load.client;

import static io.registrycenter.load.wire.ProtoWalker.path;

import io.registrycenter.load.wire.Method;

/** A kind of call that makes a revision. */
enum Write {
    /** To a registry. */
    REGISTER(path(1, 2)),
    /** To etcd itself. */
    TRANSACTION(path(1, 3));

    /** Of an answer: the message that holds the revision. */
    static final int HEAD = path(1);

    /** Of an answer of etcd: whether the guards held. */
    static final int SUCCEEDED = path(2);

    /** Of an answer: the path of the revision. */
    final int revision;

    Write(int revision) {
        this.revision = revision;
    }

    Method method() {
        return switch (this) {
            case REGISTER -> Method.REGISTER;
            case TRANSACTION -> Method.ETCD_TXN;
        };
    }
}
