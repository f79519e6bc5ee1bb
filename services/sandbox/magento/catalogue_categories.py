"""The category tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ROOT, DEFAULT_ROOT = 1, 2


@dataclass
class Category:
    category_id: int
    parent_id: int
    name: str
    position: int
    created_at: str
    updated_at: str
    is_active: bool = True


class Categories:
    """Categories by id. The root of everything is 1, the root of the stores is 2."""

    def __init__(self, at: str) -> None:
        self.by_id = {
            ROOT: Category(ROOT, 0, "Root Catalog", 0, at, at),
            DEFAULT_ROOT: Category(DEFAULT_ROOT, ROOT, "Default Category", 1, at, at),
        }

    def add(self, name: str, *, parent_id: int = DEFAULT_ROOT, at: str = "") -> int:
        """The id of the new category."""
        category_id = max(self.by_id) + 1
        position = len(self.children(parent_id)) + 1
        self.by_id[category_id] = Category(category_id, parent_id, name, position, at, at)
        return category_id

    def children(self, category_id: int) -> list[Category]:
        found = [category for category in self.by_id.values() if category.parent_id == category_id]
        return sorted(found, key=lambda category: category.position)

    def path(self, category_id: int) -> list[int]:
        """From the root down to the category."""
        found: list[int] = []
        while category_id:
            found.insert(0, category_id)
            category_id = self.by_id[category_id].parent_id
        return found

    def show(self, category_id: int) -> Json:
        """As `GET /V1/categories/{id}` and in `/V1/categories/list`."""
        category = self.by_id[category_id]
        path = self.path(category_id)
        return {
            "id": category_id,
            "parent_id": category.parent_id,
            "name": category.name,
            "is_active": category.is_active,
            "position": category.position,
            "level": len(path) - 1,
            "children": ",".join(str(child.category_id) for child in self.children(category_id)),
            "created_at": category.created_at,
            "updated_at": category.updated_at,
            "path": "/".join(str(step) for step in path),
            "available_sort_by": [],
            "include_in_menu": True,
            "custom_attributes": [
                {"attribute_code": "display_mode", "value": "PRODUCTS"},
                {"attribute_code": "is_anchor", "value": "1"},
                {"attribute_code": "path", "value": "/".join(str(step) for step in path)},
                {"attribute_code": "children_count", "value": str(len(self.children(category_id)))},
                {"attribute_code": "url_key", "value": category.name.lower().replace(" ", "-")},
            ],
        }

    def show_tree(self, category_id: int, *, counted: Callable[[int], int]) -> Json:
        """As `GET /V1/categories`; `counted` says how many products are in a category."""
        category = self.by_id[category_id]
        return {
            "id": category_id,
            "parent_id": category.parent_id,
            "name": category.name,
            "is_active": category.is_active,
            "position": category.position,
            "level": len(self.path(category_id)) - 1,
            "product_count": counted(category_id),
            "children_data": [
                self.show_tree(child.category_id, counted=counted) for child in self.children(category_id)
            ],
        }
