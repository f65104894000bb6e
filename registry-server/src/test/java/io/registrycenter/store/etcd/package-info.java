@NullMarked
package io.registrycenter.store.etcd;

import org.jspecify.annotations.NullMarked;
