/**
 * Several servers on a real etcd: the machines, the faults that are done to them, and the proofs that nobody notices. Starts at
 * {@link io.registrycenter.e2e.cluster.Cluster}; the proofs are {@code *IT}.
 */
package io.registrycenter.e2e.cluster;
