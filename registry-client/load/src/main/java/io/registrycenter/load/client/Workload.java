package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.List;

/** The calls of one connection, round robin over its instances; every call is a change. Confined to one loop. */
final class Workload {
    private final List<Template> templates;
    private int limit;
    private int at;
    private long counter;

    Workload(List<Template> templates, long firstCounter) {
        this.templates = templates;
        limit = templates.size();
        counter = firstCounter;
    }

    int size() {
        return templates.size();
    }

    /** From now on only the first instances change. */
    void changeOnly(int instances) {
        limit = Math.min(templates.size(), instances);
        at = 0;
    }

    ByteBuf next() {
        Template template = templates.get(at);
        at = at + 1 == limit ? 0 : at + 1;
        return template.with(counter++);
    }
}
