"""Code lists with validity dates. One list is one TOML file in `data/`.

Validity is stated in report years: `from_year` is valid from 1 January of it, `to_year` to 31 December of it.
"""

from ktt.domain.codes.lists import Code, CodeList, code_frame, code_list, list_ids, valid_on
from ktt.domain.codes.service_types import obligations

__all__ = ["Code", "CodeList", "code_frame", "code_list", "list_ids", "obligations", "valid_on"]
