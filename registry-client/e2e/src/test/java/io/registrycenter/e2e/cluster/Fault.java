package io.registrycenter.e2e.cluster;

import io.registrycenter.e2e.process.Proof;
import java.time.Duration;

/** What happens to a cluster, and ends again: each returns when everything is as it was. */
enum Fault {
    SERVER_KILLED {
        @Override
        void strike(Cluster cluster) {
            cluster.node(0).kill();
            Await.lasting(Duration.ofSeconds(Proof.times(1, 10)));
            cluster.node(0).begin();
            cluster.node(0).awaitReady();
        }
    },
    SERVER_STOPPED {
        @Override
        void strike(Cluster cluster) {
            cluster.node(1).pause();
            Await.lasting(LONGER_THAN_THE_LEASE);
            cluster.node(1).resume();
        }
    },
    ETCD_LEADER_KILLED {
        @Override
        void strike(Cluster cluster) {
            int leader = cluster.etcd().leader();
            cluster.etcd().kill(leader);
            cluster.etcd().leader();
            cluster.etcd().start(leader);
        }
    },
    ETCD_LEADER_STOPPED {
        @Override
        void strike(Cluster cluster) {
            int leader = cluster.etcd().leader();
            cluster.etcd().pause(leader);
            Await.lasting(LONGER_THAN_THE_LEASE);
            cluster.etcd().resume(leader);
        }
    },
    /** Both ends are told, again and again. */
    SERVER_REFUSED_BY_ETCD {
        @Override
        void strike(Cluster cluster) {
            cluster.node(2).refuseEtcd();
            Await.lasting(LONGER_THAN_THE_LEASE);
            cluster.node(2).healEtcd();
        }
    },
    /** Nobody is told. */
    SERVER_CUT_FROM_ETCD {
        @Override
        void strike(Cluster cluster) {
            cluster.node(0).holdEtcd();
            Await.lasting(LONGER_THAN_THE_LEASE);
            cluster.node(0).healEtcd();
        }
    },
    ALL_SERVERS_KILLED {
        @Override
        void strike(Cluster cluster) {
            cluster.nodes().forEach(Node::kill);
            Await.lasting(Duration.ofSeconds(Proof.times(1, 60)));
            cluster.nodes().forEach(Node::begin);
            cluster.nodes().forEach(Node::awaitReady);
        }
    };

    private static final Duration LONGER_THAN_THE_LEASE = Duration.ofSeconds(Proof.times(6, 20));

    abstract void strike(Cluster cluster);
}
