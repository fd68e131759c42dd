"""MiniStack, with two repairs of its nested stacks. Its update forgets the attributes of each resource that stays as it is, so that
the first `Fn::GetAtt` of one fails the deployment for good; here it finds them where it put them. Its deletion takes what the template
says to retain; here it stays."""

from ministack.app import main
from ministack.services.cloudformation import _stacks, provisioners

update = provisioners._update_resource
delete = provisioners._delete_resource


def update_with_attributes(type, id, old, new, stack, logical_id=None, attributes=None):
    if attributes is None:
        attributes = _stacks.get(stack, {}).get("_resources", {}).get(logical_id, {}).get("Attributes")
    return update(type, id, old, new, stack, logical_id, attributes)


def delete_unless_retained(type, id, properties, stack=None, logical_id=None, *rest):
    resources = (_stacks.get(stack, {}).get("_template") or {}).get("Resources", {})
    if resources.get(logical_id, {}).get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate"):
        return None
    return delete(type, id, properties, stack, logical_id, *rest)


provisioners._update_resource = update_with_attributes
provisioners._delete_resource = delete_unless_retained
main()
