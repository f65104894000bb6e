/**
 * The same promises on etcd: several servers, one history.
 *
 * <p>Start at {@link io.registrycenter.store.etcd.EtcdStore}, which draws the whole. A client of our own over etcd's gRPC
 * interface (why: {@code docs/decisions/0006-etcd-client.md}); {@code wire} is generated from {@code etcd_rpc.proto}. Depends
 * on {@code store}; nothing but {@code config} knows it.
 */
@NullMarked
package io.registrycenter.store.etcd;

import org.jspecify.annotations.NullMarked;
