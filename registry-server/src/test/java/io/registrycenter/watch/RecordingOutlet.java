package io.registrycenter.watch;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A transport that takes as many messages as the test allows and keeps them until they are read. */
final class RecordingOutlet implements Outlet {

    private final EventLoop loop;
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private int room;
    private @Nullable StreamEnd end;
    private boolean reset;
    private boolean holding;
    private boolean starving;

    RecordingOutlet(EventLoop loop, int room) {
        this.loop = loop;
        this.room = room;
    }

    @Override
    public String peer() {
        return "test";
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public boolean ready() {
        return room > 0;
    }

    @Override
    public boolean heartbeatLeft() {
        return !holding;
    }

    @Override
    public boolean starved() {
        return starving;
    }

    @Override
    public void write(Frame frame) {
        if (!ready()) {
            throw new AssertionError("written while the transport is not ready: " + frame);
        }
        if (end != null) {
            throw new AssertionError("written after the end: " + frame);
        }
        room--;
        frames.addLast(frame);
    }

    @Override
    public void end(StreamEnd how) {
        if (end == null) {
            end = how;
        }
    }

    @Override
    public void reset() {
        reset = true;
    }

    /** Makes room; the caller tells the stream. */
    void allow(int messages) {
        room += messages;
    }

    void refuse() {
        room = 0;
    }

    /** Messages are taken, but do not leave while this is so. */
    void hold(boolean held) {
        holding = held;
    }

    /** A neighbour holds what the stream waits for, while this is so. */
    void starve(boolean starved) {
        starving = starved;
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    @Nullable
    Frame poll() {
        return frames.pollFirst();
    }

    @Nullable
    StreamEnd end() {
        return end;
    }

    boolean wasReset() {
        return reset;
    }
}
