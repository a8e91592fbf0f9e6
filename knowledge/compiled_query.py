"""Queries on the way to an answer: compiled to SQL once, then run with other values.

Django builds and compiles a query each time anew, at several times what SQLite takes to run it, and
twenty of them come before a model's call (docs/decisions/0009). What is compiled is still Django's
query: its SQL fits the database in use, and its rows are the same values and objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
# As long as lists have so few different lengths, nothing is compiled twice.
MOST_COMPILED = 200


class Given(Expression):
    """The place of a value that comes when the query is run; `index` within a list of values."""

    def __init__(self, name: str, index: int | None, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name, self.index = name, index

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Leave the place open."""
        return "%s", [self]

    def value(self, values: Mapping[str, Any], connection: Any) -> Any:
        """Return what stands here, as the database takes it."""
        given = values[self.name]
        chosen = given if self.index is None else given[self.index]
        return self.output_field.get_db_prep_value(chosen, connection)


class _Compiled(NamedTuple):
    """A query with its SQL. The compiler knows how rows become values; each run has a copy."""

    query: Any
    compiler: Any
    sql: str
    params: tuple[Any, ...]

    def bound(self, values: Mapping[str, Any], connection: Any) -> Any:
        """Return a compiler that runs with these values and compiles nothing."""
        locks = self.query.select_for_update and connection.features.has_select_for_update
        if locks and connection.get_autocommit():
            raise TransactionManagementError("rows are locked within a transaction only")
        params = tuple(
            one.value(values, connection) if isinstance(one, Given) else one for one in self.params
        )
        bound = copy(self.compiler)
        bound.connection = connection
        bound.as_sql = lambda *_, **__: (self.sql, params)
        return bound


class _Statement:
    """SQL for each database and each number of values of the lists; thread-safe."""

    def __init__(self, make: Callable[..., Any], fields: Mapping[str, Field[Any, Any]]) -> None:
        self._make = make
        self._fields = fields
        self._made: dict[tuple[Any, ...], tuple[_Compiled, Any]] = {}

    def made(self, values: Mapping[str, Any], connection: Any) -> tuple[_Compiled, Any]:
        """Return the compiled query, and the queryset that it was made of."""
        sizes = [len(one) if isinstance(one, list) else None for one in values.values()]
        key = (connection.vendor, *values, *sizes)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= MOST_COMPILED:
                self._made.clear()
            found = self._made[key] = self._compiled(values)
        return found

    def _compiled(self, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        places = {name: _places(name, one, self._fields[name]) for name, one in values.items()}
        query, queryset = self._make(**places)
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        left = {(one.name, one.index) for one in params if isinstance(one, Given)}
        for name, place in places.items():
            for one in place if isinstance(place, list) else [place]:
                if (one.name, one.index) not in left:
                    # Some lookups take an expression for a value and make a text of it.
                    raise TypeError(f"the query has no open place for {name}")
        return _Compiled(query, compiler, sql, tuple(params)), queryset


class CompiledQuery(Generic[Row]):
    """A query that `make` builds of expressions, one for each of the named fields.

    A value that is a list comes as a list of expressions. What else `make` looks at, it sees once.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]], **fields: Field[Any, Any]) -> None:
        def made(**places: Any) -> tuple[Any, QuerySet[Any, Row]]:
            queryset = make(**places)
            return queryset.query, queryset

        self._statement = _Statement(made, fields)

    def rows(self, **values: Any) -> list[Row]:
        """Run it with these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled, queryset = self._statement.made(values, connection)
        compiler = compiled.bound(values, connection)
        query = copy(compiled.query)
        query.get_compiler = lambda *_, **__: compiler
        run: Any = QuerySet(queryset.model, query, DEFAULT_DB_ALIAS)
        run._fields = queryset._fields
        return list(queryset._iterable_class(run))

    def first(self, **values: Any) -> Row | None:
        """Run it and return the first row, or None."""
        return next(iter(self.rows(**values)), None)


class CompiledUpdate:
    """An update: `make` returns the rows, and what they are changed to."""

    def __init__(
        self,
        make: Callable[..., tuple[QuerySet[Any, Any], Mapping[str, Any]]],
        **fields: Field[Any, Any],
    ) -> None:
        def made(**places: Any) -> tuple[Any, QuerySet[Any, Any]]:
            queryset, changes = make(**places)
            query: Any = queryset.order_by().query.chain(UpdateQuery)
            query.add_update_values(changes)
            return query, queryset

        self._statement = _Statement(made, fields)

    def run(self, **values: Any) -> int:
        """Run it with these values; return how many rows were changed."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled, _ = self._statement.made(values, connection)
        with connection.cursor() as cursor:
            cursor.execute(*compiled.bound(values, connection).as_sql())
            return int(cursor.rowcount)


def _places(name: str, value: Any, field: Field[Any, Any]) -> Any:
    if isinstance(value, list):
        return [Given(name, index, field) for index in range(len(value))]
    return Given(name, None, field)
