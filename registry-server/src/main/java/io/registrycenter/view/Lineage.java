package io.registrycenter.view;

/** How a cursor stands to the history of this node's view. */
public enum Lineage {
    /** It is a position of this history. A cursor without a mark is taken for one by its epoch alone. */
    SAME,
    /** It is of another history: of another epoch, or of one that was thrown away under the same epoch. */
    OTHER,
    /** It has a mark, but is older than the marks known here: nobody can tell. */
    FORGOTTEN
}
